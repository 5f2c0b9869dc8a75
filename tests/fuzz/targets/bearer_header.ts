import fc from "npm:fast-check@4.10.2";
import { readBearerChallenge } from "../../doors/core.ts";
import { assertTokenText, bearerToken } from "../../doors/server.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand, orRefused } from "../support/promises.ts";
import { anyText, textOf } from "../support/texts.ts";

const headers = fc.oneof(
  anyText,
  textOf("Bearer", "bearer ", "BEARER  ", "Basic ", "ak_1", "a.b.c", "==", ",", ", Bearer ak_2", "\t", " "),
  textOf("Bearer ", 'realm="api"', 'error="invalid_token"', 'scope="a b"', ",", '\\"', '"', "=", "Digest "),
);

/** An `Authorization` header or a challenge: one token of the right alphabet, or a rejection. */
export const bearerHeader: FuzzTarget = fuzzTarget("bearer_header", headers, (header) => {
  const challenge = readBearerChallenge(header);
  demand(
    challenge?.scopes.every((scope) => scope !== "" && !scope.includes(" ")) ?? true,
    "a scope that is none",
  );
  const request = requestWith(header);
  if (!request) return;
  const token = orRefused(["not_authenticated", "invalid_request"], () => bearerToken(request));
  if (token === undefined) return;
  demand(/^bearer +/i.test(request.headers.get("authorization") ?? ""), "a token of another scheme");
  demand(request.headers.get("authorization")?.endsWith(token), "another token than came");
  orRefused(["not_authenticated"], () => {
    assertTokenText(token);
    demand(/^[A-Za-z0-9\-._~+/]+=*$/.test(token), "a token of another alphabet");
  });
});

/** Skips headers that no client could send. */
function requestWith(authorization: string): Request | undefined {
  try {
    return new Request("https://api.example.com/me", { headers: { authorization } });
  } catch {
    return undefined;
  }
}
