import { createPublicKey } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createEmulator } from "@clerk/cli-auth/testing";
import type { Workspace } from "./workspace.ts";

/** What a backend has to know of a Clerk instance, and tokens of it; all that is in the file of an {@linkcode Instance}. */
export interface InstanceFile {
  secretKey: string;
  /** The Backend API, over http on this machine; it is the issuer as well. */
  apiUrl: string;
  /** Who the tokens are for. */
  audience: string;
  /** The public key as PEM. */
  jwtKey: string;
  /** JWT access tokens, each different. */
  jwts: string[];
  /** API keys, each different. */
  apiKeys: string[];
}

/** An emulated Clerk instance that listens. */
export interface Instance {
  /** The path of a file with an {@linkcode InstanceFile}: too much for a command line. */
  file: string;
  /** How often Clerk was asked about an API key since the last time. */
  takeCalls(): number;
  close(): Promise<void>;
}

const API_KEYS = 50;
const AUDIENCE = "https://api.example.com";

/** Starts an instance and issues tokens. */
export async function startInstance(
  { folder }: Workspace,
  { jwts: count }: { jwts: number },
): Promise<Instance> {
  const emulator = createEmulator();
  const { url, close } = await emulator.listen();
  const apiUrl = url.replace(/\/$/, "");
  const jwts: string[] = [];
  while (jwts.length < count) {
    const { accessToken } = await emulator.issueTokens({
      format: "jwt",
      lifetimeSeconds: 3_600,
      audience: AUDIENCE,
    });
    jwts.push(accessToken);
  }
  const apiKeys = Array.from(
    { length: API_KEYS },
    () => emulator.createApiKey({ scopes: ["notes:read"] }).secret,
  );
  const jwtKey = await publicKeyOf(apiUrl, emulator.secretKey);
  const file = new URL("instance.json", folder);
  const { secretKey } = emulator;
  const content: InstanceFile = { secretKey, apiUrl, audience: AUDIENCE, jwtKey, jwts, apiKeys };
  await Deno.writeTextFile(file, JSON.stringify(content));
  return {
    file: fileURLToPath(file),
    takeCalls: () =>
      emulator.requests.splice(0).filter(({ endpoint }) => endpoint === "verify_api_key").length,
    close,
  };
}

async function publicKeyOf(apiUrl: string, secretKey: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/v1/jwks`, { headers: { authorization: `Bearer ${secretKey}` } });
  const { keys: [key] } = await answer.json();
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}
