import { fileURLToPath } from "node:url";
import type { Configuration } from "npm:@azure/msal-node@7.2.3";
import { emptyFolder } from "../scripts/folders.ts";
import type { Bench } from "./bench.ts";
import { startIssuer } from "./issuer.ts";
import { runProgram } from "./processes.ts";
import { AUTHORITY, msalConfiguration } from "./programs/support/issuer.ts";

export interface SessionOptions {
  /** Issuer that refreshes the expired access token. Without it, the token is valid for a day. */
  expiredAt?: string;
  /** @default "file" */
  storage?: "file" | "keychain";
  /** The environment that a keychain needs. */
  env?: Record<string, string>;
}

/** A session in the credential file of a user who has nothing else. */
export interface StoredSession {
  /** What a program needs in its environment to find it. */
  env: Record<string, string>;
  clientId: string;
  issuer: string;
  /** The credential file. */
  path: string;
  /** Writes the original file again. */
  restore(): Promise<void>;
}

/** A session that MSAL stored. */
export interface MsalSession extends MsalPlace {
  env: Record<string, string>;
  restore(): Promise<void>;
}

/** Where MSAL keeps tokens, and whose. */
export interface MsalPlace {
  configuration: Configuration;
  storage: "file" | "keychain";
  /** The file; with a keychain, its lock file. */
  path: string;
  /** Name of the keychain item. */
  service: string;
}

const CLIENT_ID = "benchmark";
const SERVICE = "benchmark";
const DAY_MS = 86_400_000;
const MSAL_EXPIRY = /"((?:extended_)?expires_on)":"\d+"/g;

/** Stores a session as a sign-in would. */
export async function storeSession(
  { folder, runtimes }: Bench,
  { expiredAt, storage = "file", env = {} }: SessionOptions = {},
): Promise<StoredSession> {
  const home = new URL(`session_${storage}_${expiredAt === undefined ? "valid" : "expired"}/`, folder);
  await emptyFolder(home);
  const issuer = expiredAt ?? AUTHORITY;
  const own = { ...env, XDG_CONFIG_HOME: fileURLToPath(home) };
  const expiresAt = expiredAt === undefined ? Date.now() + DAY_MS : 1_000;
  await runProgram(runtimes[0]!, "sign_in", {
    args: [{ storage, clientId: CLIENT_ID, issuer, expiresAt }],
    env: own,
  });
  const file = await findFile(new URL(`clerk-cli-auth/${CLIENT_ID}/`, home));
  const content = await Deno.readTextFile(file);
  const restore = () => Deno.writeTextFile(file, content);
  return { env: own, clientId: CLIENT_ID, issuer, path: fileURLToPath(file), restore };
}

/** Signs in with MSAL, which stores the tokens. */
export async function storeMsalSession(
  { folder, runtimes }: Bench,
  { expiredAt, storage = "file", env = {} }: SessionOptions = {},
): Promise<MsalSession> {
  const home = new URL(`msal_${storage}_${expiredAt === undefined ? "valid" : "expired"}/`, folder);
  await emptyFolder(home);
  const file = new URL("tokens.json", home);
  const issuer = await startIssuer();
  const place = {
    configuration: msalConfiguration(issuer.url),
    storage,
    path: fileURLToPath(file),
    service: SERVICE,
  };
  await runProgram(runtimes[0]!, "sign_in_msal", { args: [place], env });
  await issuer.close();

  const stored = await Deno.readTextFile(file);
  const content = expiredAt === undefined ? stored : stored.replaceAll(MSAL_EXPIRY, '"$1":"1000"');
  const restore = () => Deno.writeTextFile(file, content);
  await restore();
  return { ...place, env, restore, ...(expiredAt && { configuration: msalConfiguration(expiredAt) }) };
}

async function findFile(folder: URL): Promise<URL> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("credentials")) return new URL(encodeURIComponent(name), folder);
  }
  throw new Error(`Cannot find a credential file in ${folder.pathname}`);
}
