import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import type { Bench } from "../bench.ts";
import type { MsalPlace } from "../subjects/support/msal.ts";
import { startLoginIssuer } from "./login_issuer.ts";
import { msalConfiguration } from "./msal_configuration.ts";
import { runSubject } from "./subject.ts";

/** A session that MSAL has stored. */
export interface MsalSession extends MsalPlace {
  /** What a program needs in its environment to find it. */
  env: Record<string, string>;
  /** Writes the file as it was at first. */
  restore(): Promise<void>;
}

/** What is special about a session. */
export interface MsalSessionOptions {
  /** Who is asked for new tokens, where the access token has expired; otherwise it is good for a day. */
  expiredAt?: string;
  /** @default "file" */
  storage?: "file" | "keychain";
  /** The environment that a keychain needs. */
  env?: Record<string, string>;
}

const SERVICE = "benchmark";
const EXPIRY = /"((?:extended_)?expires_on)":"\d+"/g;

/** Has MSAL sign in and store what it gets. */
export async function storeMsalSession(
  { workspace, runtimes }: Bench,
  { expiredAt, storage = "file", env = {} }: MsalSessionOptions = {},
): Promise<MsalSession> {
  const folder = new URL(
    `msal_${storage}_${expiredAt === undefined ? "valid" : "expired"}/`,
    workspace.folder,
  );
  await emptyFolder(folder);
  const file = new URL("tokens.json", folder);
  const issuer = await startLoginIssuer();
  const place = {
    configuration: msalConfiguration(issuer.url),
    storage,
    path: fileURLToPath(file),
    service: SERVICE,
  };
  await runSubject(runtimes[0]!, "store_msal_session", { args: [place], env });
  await issuer.close();

  const stored = await Deno.readTextFile(file);
  const content = expiredAt === undefined ? stored : stored.replaceAll(EXPIRY, '"$1":"1000"');
  const restore = () => Deno.writeTextFile(file, content);
  await restore();
  return { ...place, env, restore, ...(expiredAt && { configuration: msalConfiguration(expiredAt) }) };
}
