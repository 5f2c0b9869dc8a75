/**
 * Programs that do by hand what this package does, with what each runtime offers. The goals refer to them. They stay as
 * they are, so that figures can be compared over time.
 *
 * @module
 */
import type { StoredSession } from "./sessions.ts";
import type { BenchRuntime } from "./workspace.ts";

type Family = BenchRuntime["family"];

const READ: Readonly<Record<Family, (path: string) => string>> = {
  node: (path) => `(await import("node:fs")).readFileSync(${path}, "utf8")`,
  bun: (path) => `await Bun.file(${path}).text()`,
  deno: (path) => `Deno.readTextFileSync(${path})`,
};

/** Returns a program that reads and parses the credential file, and prints the token. */
export function readingProgram({ path }: StoredSession, family: Family): string {
  return `
    const file = JSON.parse(${READ[family](JSON.stringify(path))});
    const { expiresAt, accessToken } = JSON.parse(file.entries.tokens);
    console.log(expiresAt > Date.now() ? accessToken : "expired");
  `;
}

/** Returns a program that reads and parses a sealed file, and leaves it sealed. */
export function sealedReadingProgram({ path }: StoredSession, family: Family): string {
  return `console.log(typeof JSON.parse(${READ[family](JSON.stringify(path))}));`;
}

/** Reads and saves as a careful program does: the new file is on disk before it replaces the old one. */
const FILES: Readonly<Record<"node" | "deno", string>> = {
  node: `
    import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
    const read = () => readFileSync(PATH, "utf8");
    function save(text) {
      const file = openSync(PATH + ".new", "w", 0o600);
      writeSync(file, text);
      fsyncSync(file);
      closeSync(file);
      renameSync(PATH + ".new", PATH);
    }
    function flushFolder() {
      const folder = openSync(PATH.slice(0, PATH.lastIndexOf("/")), "r");
      fsyncSync(folder);
      closeSync(folder);
    }
  `,
  deno: `
    const read = () => Deno.readTextFileSync(PATH);
    function save(text) {
      const file = Deno.openSync(PATH + ".new", { write: true, create: true, truncate: true, mode: 0o600 });
      file.writeSync(new TextEncoder().encode(text));
      file.syncDataSync();
      file.close();
      Deno.renameSync(PATH + ".new", PATH);
    }
    function flushFolder() {
      const folder = Deno.openSync(PATH.slice(0, PATH.lastIndexOf("/")));
      folder.syncSync();
      folder.close();
    }
  `,
};

/**
 * Keeps other processes out, as far as one process can show the cost: a port that shows that this process lives, and a
 * file that names it, under a number that only one process can take.
 */
const LOCKS: Readonly<Record<"node" | "deno", string>> = {
  node: `
    import { linkSync, mkdirSync, readdirSync, unlinkSync } from "node:fs";
    import { createServer } from "node:net";
    const listener = createServer();
    await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
    mkdirSync(LOCK, { recursive: true, mode: 0o700 });
    const claim = openSync(LOCK + "/live", "wx", 0o600);
    writeSync(claim, JSON.stringify(listener.address()));
    closeSync(claim);
    linkSync(LOCK + "/live", LOCK + "/" + (readdirSync(LOCK).length));
    function unlock() {
      for (const name of readdirSync(LOCK)) unlinkSync(LOCK + "/" + name);
      listener.close();
    }
  `,
  deno: `
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    Deno.mkdirSync(LOCK, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(LOCK + "/live", JSON.stringify(listener.addr), { createNew: true, mode: 0o600 });
    Deno.linkSync(LOCK + "/live", LOCK + "/" + [...Deno.readDirSync(LOCK)].length);
    function unlock() {
      for (const { name } of Deno.readDirSync(LOCK)) Deno.removeSync(LOCK + "/" + name);
      listener.close();
    }
  `,
};

/** Ways to call the token endpoint. Each is a function \`ask(refreshToken)\` that returns the response. */
const CLIENTS = {
  nodeHttps: `
    import { request } from "node:https";
    const ask = (refreshToken) => new Promise((resolve, reject) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const sent = request(ISSUER + "/oauth/token", { method: "POST", headers, agent: false }, async (answer) => {
        let text = "";
        for await (const chunk of answer) text += chunk;
        resolve(JSON.parse(text));
      });
      sent.on("error", reject);
      sent.end(String(new URLSearchParams({
        grant_type: "refresh_token", client_id: CLIENT_ID, refresh_token: refreshToken,
      })));
    });
  `,
  fetch: `
    const ask = async (refreshToken) => {
      const body = new URLSearchParams({
        grant_type: "refresh_token", client_id: CLIENT_ID, refresh_token: refreshToken,
      });
      return await (await fetch(ISSUER + "/oauth/token", { method: "POST", body })).json();
    };
  `,
  oauth4webapi: `
    import { None, processRefreshTokenResponse, refreshTokenGrantRequest } from "oauth4webapi";
    const ask = async (refreshToken) => {
      const issuer = { issuer: ISSUER, token_endpoint: ISSUER + "/oauth/token" };
      const client = { client_id: CLIENT_ID };
      const answer = await refreshTokenGrantRequest(issuer, client, None(), refreshToken);
      return await processRefreshTokenResponse(issuer, client, answer);
    };
  `,
  openidClient: `
    import { Configuration, None, refreshTokenGrant } from "openid-client";
    const ask = (refreshToken) => refreshTokenGrant(
      new Configuration({ issuer: ISSUER, token_endpoint: ISSUER + "/oauth/token" }, CLIENT_ID, undefined, None()),
      refreshToken,
    );
  `,
} as const;

export type TokenClient = keyof typeof CLIENTS;

export interface ByHandOptions {
  client: TokenClient;
  family: Family;
  /**
   * What it is safe against: a crash at any time, as it marks the record before the request and flushes the directory;
   * and also other processes, which it locks out.
   * @default "nothing"
   */
  safeAgainst?: "nothing" | "crashes" | "crashes and processes";
}

/** Returns a program that refreshes by hand: reads the record, calls the token endpoint, saves the new tokens. */
export function byHandProgram(
  { path, clientId, issuer }: StoredSession,
  { client, family, safeAgainst = "nothing" }: ByHandOptions,
): string {
  const system = family === "deno" ? "deno" : "node";
  const [lock, unlock] = safeAgainst === "crashes and processes" ? [LOCKS[system], "unlock();"] : ["", ""];
  const [mark, flush] = safeAgainst !== "nothing"
    ? [
      "file.entries.tokens = JSON.stringify({ ...record, refreshing: true }); save(JSON.stringify(file));",
      "flushFolder();",
    ]
    : ["", ""];
  return `
    const PATH = ${JSON.stringify(path)};
    const CLIENT_ID = ${JSON.stringify(clientId)};
    const ISSUER = ${JSON.stringify(issuer)};
    const LOCK = PATH + ".lock_by_hand";
    ${FILES[system]}
    ${CLIENTS[client]}
    ${lock}
    const file = JSON.parse(read());
    const record = JSON.parse(file.entries.tokens);
    ${mark} ${flush}
    const tokens = await ask(record.refreshToken);
    file.entries.tokens = JSON.stringify({ ...record, accessToken: tokens.access_token });
    save(JSON.stringify(file));
    ${flush}
    ${unlock}
    console.log(tokens.access_token);
  `;
}
