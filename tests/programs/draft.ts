/**
 * A command-line tool that uses only what Clerk's draft of this SDK has, and must run unchanged. It writes what each
 * part returned, as one line of JSON.
 *
 *     draft ISSUER CLIENT_ID IDENTITY_ENDPOINT
 */
import process from "node:process";
import {
  ClerkCliAuth,
  ClerkCliAuthError,
  createCredentialStore,
  EXIT_CODE,
  fetchIdentity,
  type Identity,
  isClerkCliAuthError,
  isMachineIdentity,
  isOrgIdentity,
  isScimIdentity,
  isUserIdentity,
  revokeToken,
  type TokenSet,
  type UserIdentity,
  verifyToken,
} from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";

const [issuer = "", clientId = "", identityEndpoint = ""] = process.argv.slice(2);
const results: Record<string, unknown> = {};

const storage = new Map<string, string>();
const auth = new ClerkCliAuth({
  clientId,
  issuer,
  scopes: ["profile", "email", "openid", "offline_access"],
  storage: {
    get: (key: string) => Promise.resolve(storage.get(key) ?? null),
    set: (key: string, value: string) => Promise.resolve(void storage.set(key, value)),
    delete: (key: string) => Promise.resolve(void storage.delete(key)),
  },
  keychainService: "draft",
  environment: "default",
  callbackPort: 0,
  loginTimeoutMs: 20_000,
  requestTimeoutMs: 5_000,
  identityEndpoint,
  tokenEnvVar: "DRAFT_TOKEN",
  openBrowser: (url: string) => createScriptedBrowser().signIn(url).then(() => {}),
});

const { tokens, user }: { tokens: TokenSet; user: UserIdentity } = await auth.login();
results.login = [user.email, typeof tokens.accessToken, typeof tokens.refreshToken, typeof tokens.expiresAt];
results.stored = Object.keys(JSON.parse(storage.get("tokens") ?? "{}")).includes("accessToken");
results.token = await auth.getAccessToken() === tokens.accessToken;
results.tokenSet = (await auth.getTokenSet())?.refreshToken === tokens.refreshToken;
results.whoami = (await auth.whoami())?.sub === user.sub;
results.resolved = [
  await auth.resolveToken({ tokenFromArg: "from-arg" }),
  await auth.resolveToken(),
].map(({ token, source }) => [source, token === tokens.accessToken]);
results.identity = describe(await auth.verifyToken(tokens.accessToken));
results.functions = [
  (await fetchIdentity({ issuer, accessToken: tokens.accessToken, timeoutMs: 5_000 })).sub === user.sub,
  describe(await verifyToken({ endpoint: identityEndpoint, token: tokens.accessToken, timeoutMs: 5_000 })),
];

// A record of an earlier version: two tokens and nothing else.
const { accessToken, refreshToken } = tokens;
storage.set("tokens", JSON.stringify({ accessToken, refreshToken }));
results.earlier = await auth.getAccessToken() === accessToken;

await revokeToken({
  issuer,
  clientId,
  token: refreshToken!,
  tokenTypeHint: "refresh_token",
  timeoutMs: 5_000,
});
await auth.logout({ revoke: false });
await auth.logout();
results.afterLogout = [
  await auth.getAccessToken(),
  await auth.getTokenSet(),
  await auth.whoami(),
  storage.size,
];

try {
  await auth.resolveToken();
} catch (error) {
  if (!isClerkCliAuthError(error)) throw error;
  results.error = [error.code, error instanceof ClerkCliAuthError, error.message.includes("DRAFT_TOKEN")];
}

const file = createCredentialStore("memory", { keychainService: "draft", environment: "default" });
await file.set("tokens", "{}");
results.store = await file.get("tokens");
results.exitCodes = [EXIT_CODE.SUCCESS, EXIT_CODE.GENERAL, EXIT_CODE.USAGE, EXIT_CODE.SIGINT];
process.stdout.write(`${JSON.stringify(results)}\n`);

function describe(identity: Identity): string {
  if (isUserIdentity(identity)) return `user ${identity.email}`;
  if (isOrgIdentity(identity)) return `organization ${identity.org_name}`;
  if (isMachineIdentity(identity)) return `machine ${identity.name}`;
  return isScimIdentity(identity) ? "scim" : "unknown";
}
