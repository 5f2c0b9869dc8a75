import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import type { Bench } from "../bench.ts";
import { runSubject } from "./subject.ts";

/** A session in the credential file of a user who has nothing else. */
export interface StoredSession {
  /** What a program needs in its environment to find it. */
  env: Record<string, string>;
  clientId: string;
  issuer: string;
  /** The credential file. */
  path: string;
  /** Writes the file as it was at first. */
  restore(): Promise<void>;
}

/** What is special about a session. */
export interface StoredSessionOptions {
  /** @default "https://clerk.example.com" */
  issuer?: string;
  /** @default "file" */
  storage?: "file" | "keychain";
  /** When its access token expires, Unix time in milliseconds; a day from now by default. */
  expiresAt?: number;
  /** The environment that a keychain needs. */
  env?: Record<string, string>;
}

const CLIENT_ID = "benchmark";

/** Stores a session, as a sign-in would. */
export async function storeSession(
  { workspace, runtimes }: Bench,
  options: StoredSessionOptions = {},
): Promise<StoredSession> {
  const { issuer = "https://clerk.example.com", storage = "file", env = {} } = options;
  const { expiresAt = Date.now() + 86_400_000 } = options;
  const home = new URL(`session_${storage}_${expiresAt}/`, workspace.folder);
  await emptyFolder(home);
  const own = { ...env, XDG_CONFIG_HOME: fileURLToPath(home) };
  await runSubject(runtimes[0]!, "store_session", {
    args: [{ storage, clientId: CLIENT_ID, issuer, expiresAt }],
    env: own,
  });
  const path = await findFile(new URL(`clerk-cli-auth/${CLIENT_ID}/`, home));
  const content = await Deno.readTextFile(path);
  return {
    env: own,
    clientId: CLIENT_ID,
    issuer,
    path: fileURLToPath(path),
    restore: () => Deno.writeTextFile(path, content),
  };
}

async function findFile(folder: URL): Promise<URL> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("credentials")) return new URL(encodeURIComponent(name), folder);
  }
  throw new Error(`Cannot find a credential file in ${folder.pathname}`);
}
