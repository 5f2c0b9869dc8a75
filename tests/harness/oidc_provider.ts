import { QUICKEST_RUNTIME, startProgram } from "./program.ts";

const CLIENT_ID = "oidc-cli";

/** A third-party OAuth server. */
export interface OidcProvider {
  issuer: string;
  /** A public client with the redirect URI `http://127.0.0.1/callback`. */
  clientId: string;
  close(): Promise<void>;
}

/**
 * Starts `oidc-provider` as a process: PKCE, rotation, and pages that accept any login and password. The login becomes
 * the subject and the email address. Access tokens for a resource are JWTs, signed with a key that each start has for itself.
 * Uses Clerk's paths unless `ownPaths` is set.
 *
 * @param options `port`: where to listen; any by default.
 */
export async function startOidcProvider(
  { ownPaths = false, port = 0 }: { ownPaths?: boolean; port?: number } = {},
): Promise<OidcProvider> {
  const args = [CLIENT_ID, String(port), ...(ownPaths ? ["own-paths"] : [])];
  const { child, waitForOutput, ended } = startProgram("oidc_provider", { args, runtime: QUICKEST_RUNTIME });
  const [issuer] = await waitForOutput(/^http:\S+$/m);
  return {
    issuer,
    clientId: CLIENT_ID,
    async close() {
      child.kill();
      await ended;
    },
  };
}
