import { startProgram } from "./program.ts";

const CLIENT_ID = "oidc-cli";

/** An OAuth server that is not ours, at the paths of Clerk's. */
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
 * subject and the email address.
 *
 * @returns Where it listens and how to end it.
 */
export async function startOidcProvider(): Promise<OidcProvider> {
  const { child, waitForOutput, ended } = startProgram("oidc_provider", { args: [CLIENT_ID] });
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
