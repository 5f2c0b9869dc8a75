import { createPublicKey } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createEmulator } from "@clerk/cli-auth/testing";
import type { Bench } from "./bench.ts";

/** What a backend knows of a Clerk instance, and tokens of it. */
export interface InstanceFile {
  secretKey: string;
  /** URL of the Backend API, over http on this machine. Also the issuer. */
  apiUrl: string;
  audience: string;
  /** The public key as PEM. */
  jwtKey: string;
  /** JWT access tokens, each different. */
  jwts: string[];
  /** Each different. */
  apiKeys: string[];
}

const JWTS = 100;
const API_KEYS = 50;
const AUDIENCE = "https://api.example.com";

/**
 * Starts an emulated Clerk instance and issues tokens.
 *
 * @returns The path of a file with an {@linkcode InstanceFile}, which is too long for a command line.
 */
export async function startInstance({ folder, resources }: Bench): Promise<string> {
  const emulator = createEmulator();
  const { url, close } = await emulator.listen();
  resources.defer(close);
  const apiUrl = url.replace(/\/$/, "");
  const jwts: string[] = [];
  while (jwts.length < JWTS) {
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
  const { secretKey } = emulator;
  const jwtKey = await publicKeyOf(apiUrl, secretKey);
  const file = new URL("instance.json", folder);
  const content: InstanceFile = { secretKey, apiUrl, audience: AUDIENCE, jwtKey, jwts, apiKeys };
  await Deno.writeTextFile(file, JSON.stringify(content));
  return fileURLToPath(file);
}

async function publicKeyOf(apiUrl: string, secretKey: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/v1/jwks`, { headers: { authorization: `Bearer ${secretKey}` } });
  const { keys: [key] } = await answer.json();
  return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
}
