import fc from "npm:fast-check@4.10.2";
import { ClerkCliAuth } from "../../doors/client.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, orRefusedLater, SECRETS } from "../support/promises.ts";

const [ISSUER, CLIENT] = ["https://clerk.example.com", "client"];
const FUTURE = 4_000_000_000_000;

const records = objectText({
  issuer: fc.constantFrom(ISSUER, "https://evil.example"),
  clientId: fc.constantFrom(CLIENT, "another"),
  accessToken: fc.constantFrom(SECRETS.accessToken, ""),
  refreshToken: fc.constantFrom(SECRETS.refreshToken),
  expiresAt: fc.constantFrom(FUTURE, 0, -1),
  savedAt: fc.constantFrom(0, FUTURE),
  refreshing: fc.constantFrom(true, false),
});

/** What a store returns: the tokens of this issuer and client, nothing, or a `storage` error without a secret. */
export const credentialRecord: FuzzTarget = fuzzTarget("credential_record", records, async (text) => {
  const auth = new ClerkCliAuth({
    issuer: ISSUER,
    clientId: CLIENT,
    ui: "none",
    storage: { get: () => text, set: () => {}, delete: () => {} },
    fetch: () => Promise.reject(new TypeError("no network here")),
  });
  const tokens = await orRefusedLater(["storage"], () => auth.getTokenSet());
  const { issuer, clientId } = tokens ? JSON.parse(text) : {};
  if (issuer !== undefined || clientId !== undefined) {
    demand(issuer === ISSUER && clientId === CLIENT, "tokens of somebody else");
  }
  const codes = ["storage", "token_exchange", "not_authenticated"] as const;
  const token = await orRefusedLater(codes, () => auth.getAccessToken());
  demand(!token || token === tokens?.accessToken, "a token that is not stored");
});
