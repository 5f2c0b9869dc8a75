import { assertEquals } from "@std/assert";
import { reportRefusal } from "@clerk/cli-auth/commands";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { startBackend } from "../client/support/backend.ts";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("reportRefusal()", () => {
  let bench: Bench;
  let response: Response;
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let host: string;

  beforeEach(async () => {
    bench = await createBench();
    backend = await startBackend(() => response);
    host = new URL(backend.origin).host;
  });
  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  /** Sends a request that gets this response, and reports it. */
  async function report(
    { status, headers, body }: { status: number; headers?: Record<string, string>; body?: unknown },
  ) {
    response = body === undefined
      ? new Response("", { status, headers: headers ?? {} })
      : Response.json(body, { status, headers: headers ?? {} });
    const auth = bench.auth({ apiOrigins: [backend.origin] });
    let [out, err] = ["", ""];
    const code = await reportRefusal(auth, await auth.fetch(backend.origin), {
      name: "notes",
      stdout: { write: (text) => void (out += text) },
      stderr: { write: (text) => void (err += text) },
    });
    assertEquals(out, "");
    return { code, err };
  }

  it("says that the sign-in was not accepted, why, and what to run", async () => {
    await bench.run("login");
    const body = { error: "not_authenticated", error_description: "OAuth token revoked", exit_code: 1 };
    assertEquals(await report({ status: 401, body }), {
      code: 1,
      err: `✗ ${host} did not accept your sign-in: OAuth token revoked.\nRun \`notes login\`.\n`,
    });
  });

  it("names the variable whose token was not accepted", async () => {
    process.env[TOKEN_VARIABLE] = "ak_wrong";
    assertEquals(
      (await report({ status: 401 })).err,
      `✗ ${host} did not accept the token in ${TOKEN_VARIABLE}.\n` +
        `Set ${TOKEN_VARIABLE} to a valid token, or unset it to use your sign-in.\n`,
    );
  });

  it("says that the credential was not sent to an unlisted origin", async () => {
    process.env[TOKEN_VARIABLE] = "ak_right";
    response = new Response("", { status: 401 });
    const auth = bench.auth({ apiOrigins: ["https://api.example.com"] });
    let err = "";
    const stderr = { write: (text: string) => void (err += text) };
    assertEquals(await reportRefusal(auth, await auth.fetch(backend.origin), { name: "notes", stderr }), 1);
    assertEquals(
      err,
      `✗ ${host} was not sent the token in ${TOKEN_VARIABLE}: its origin is not in 'apiOrigins'.\n` +
        `Add ${backend.origin} if it may have it.\n`,
    );
  });

  it("names the missing scopes, and how to get them along with the others", async () => {
    await bench.run("login");
    const headers = { "www-authenticate": 'Bearer error="insufficient_scope", scope="notes:write email"' };
    assertEquals(
      (await report({ status: 403, headers })).err,
      `✗ ${host} needs more access than your sign-in gives (notes:write, email).\n` +
        "Run `notes login --scopes profile,email,openid,offline_access,notes:write`.\n",
    );
  });

  it("suggests nothing if nothing helps", async () => {
    process.env[TOKEN_VARIABLE] = "ak_right";
    assertEquals((await report({ status: 403 })).err, `✗ ${host} does not let you do this.\n`);
    assertEquals((await report({ status: 404 })).err, `✗ ${host} responded with status 404.\n`);
  });

  it("says when to try again", async () => {
    process.env[TOKEN_VARIABLE] = "ak_right";
    const busy = await report({ status: 503, headers: { "retry-after": "5" } });
    assertEquals(busy.err, `✗ ${host} responded with status 503.\nTry again in 5 seconds.\n`);
    assertEquals(
      (await report({ status: 500 })).err,
      `✗ ${host} responded with status 500.\nTry again later.\n`,
    );
  });

  it("writes what the backend says without control characters, and nothing from an HTML page", async () => {
    process.env[TOKEN_VARIABLE] = "ak_right";
    const body = { error: "x", error_description: "not\x1b[2J you" };
    assertEquals(
      (await report({ status: 404, body })).err,
      `✗ ${host} responded with status 404: not [2J you.\n`,
    );
    const long = { error: "x", error_description: "a".repeat(20_000) };
    assertEquals((await report({ status: 404, body: long })).err, `✗ ${host} responded with status 404.\n`);
  });

  it("says nothing about a success", async () => {
    process.env[TOKEN_VARIABLE] = "ak_right";
    assertEquals(await report({ status: 200 }), { code: 0, err: "" });
  });
});
