import { QUICKEST_RUNTIME, startProgram } from "./program.ts";

const CLIENT_ID = "oidc-cli";

/** An OAuth server that is not ours. */
export interface OidcProvider {
  /** The issuer. */
  issuer: string;
  /** A public client with the redirect URI `http://127.0.0.1/callback`. */
  clientId: string;
  /** Ends it. */
  close(): Promise<void>;
}

/**
 * Starts `oidc-provider` as a process: PKCE, rotation, and pages on which any login and password do. The login is the
 * subject and the email address. It is at the paths of Clerk's unless it is to keep its own.
 *
 * @returns Where it listens and how to end it.
 */
export async function startOidcProvider(
  { ownPaths = false }: { ownPaths?: boolean } = {},
): Promise<OidcProvider> {
  const args = ownPaths ? [CLIENT_ID, "own-paths"] : [CLIENT_ID];
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
