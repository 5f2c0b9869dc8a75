import { ONE_LINE } from "../measure/packages.ts";
import type { StoredSession } from "../measure/stored_session.ts";

/** Ways to read a text file, with what each runtime offers. */
const READ: Readonly<Record<"node" | "bun" | "deno", (path: string) => string>> = {
  node: (path) => `(await import("node:fs")).readFileSync(${path}, "utf8")`,
  bun: (path) => `await Bun.file(${path}).text()`,
  deno: (path) => `Deno.readTextFileSync(${path})`,
};

/** A program that makes the client and does something with it: what it prints is an expression of `auth`. */
function clientProgram(
  { clientId, issuer }: StoredSession,
  storage: "file" | "keychain",
  printed: string,
): string {
  return `
    import { ClerkCliAuth } from "@clerk/cli-auth";
    const auth = new ClerkCliAuth(${JSON.stringify({ clientId, issuer, storage })});
    console.log(${printed});
  `;
}

/** A program that asks this package for the access token. */
export function ownProgram(session: StoredSession, storage: "file" | "keychain"): string {
  return clientProgram(session, storage, "await auth.getAccessToken()");
}

/** The floor, in a program that imports a package of one line: what the runtime takes for any package. */
export function packagedFloorProgram(session: StoredSession, family: "node" | "bun" | "deno"): string {
  return `import ${JSON.stringify(ONE_LINE)};\n${floorProgram(session, family)}`;
}

/** A program that asks for a token that it gives itself: all that is loaded for a stored one, without its file. */
export function givenTokenProgram(session: StoredSession): string {
  return clientProgram(session, "file", `(await auth.resolveToken({ tokenFromArg: "given" })).token`);
}

/** A program that makes the client and asks it for nothing: what loading costs. */
export function loadingProgram(session: StoredSession): string {
  return clientProgram(session, "file", "typeof auth");
}

/** A program that reads the same file and prints the token. */
export function floorProgram({ path }: StoredSession, family: "node" | "bun" | "deno"): string {
  return `
    const file = JSON.parse(${READ[family](JSON.stringify(path))});
    const { expiresAt, accessToken } = JSON.parse(file.entries.tokens);
    console.log(expiresAt > Date.now() ? accessToken : "expired");
  `;
}

/** A program that reads and parses a sealed file, and leaves it sealed. */
export function sealedFloorProgram({ path }: StoredSession, family: "node" | "bun" | "deno"): string {
  return `console.log(typeof JSON.parse(${READ[family](JSON.stringify(path))}));`;
}

/** A program that has google-auth-library say whether the token is still good. */
export function googleProgram({ path }: StoredSession, family: "node" | "bun" | "deno"): string {
  return `
    import { OAuth2Client } from "google-auth-library";
    const file = JSON.parse(${READ[family](JSON.stringify(path))});
    const { accessToken, refreshToken, expiresAt } = JSON.parse(file.entries.tokens);
    const client = new OAuth2Client();
    client.setCredentials({ access_token: accessToken, refresh_token: refreshToken, expiry_date: expiresAt });
    console.log((await client.getAccessToken()).token);
  `;
}

/** A program that looks for an item in the keychain by the native binding. */
export function bindingProgram(): string {
  return `
    import { Entry } from "@napi-rs/keyring";
    const entry = new Entry("clerk-cli-auth", "benchmark", { linux: { store: "secret-service" } });
    console.log(typeof entry.getPassword());
  `;
}
