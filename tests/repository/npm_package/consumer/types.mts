import {
  ClerkCliAuth,
  type Identity,
  isClerkCliAuthError,
  isUserIdentity,
  type TokenSet,
} from "@clerk/cli-auth";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";

const auth: ClerkCliAuth = new ClerkCliAuth({ clientId: "client", issuer: "https://clerk.example.com" });
const tokens: Promise<TokenSet | null> = auth.getTokenSet();
const answer: (request: Request) => Promise<Response> = handle({
  auth: cliAuth({ clientConfig: { secretKey: "sk" } }),
});

export async function use(identity: Identity): Promise<string | undefined> {
  try {
    createEmulator();
    await tokens;
    await answer(new Request("https://api.example.com"));
  } catch (error) {
    if (isClerkCliAuthError(error)) return error.code;
  }
  return isUserIdentity(identity) ? identity.email : undefined;
}

// @ts-expect-error What is not typed as `any` refuses a wrong configuration.
export const refused: ClerkCliAuth = new ClerkCliAuth({ clientId: 1, issuer: "https://clerk.example.com" });
