import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { generate } from "npm:selfsigned@5.5.0";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { runProgram } from "../harness/program.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

describe("transport over https", () => {
  let folder: TemporaryFolder;
  let server: Server;
  let url: string;
  let authorityFile: string;

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    const authority = await generate([{ name: "commonName", value: "Authority of a test" }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }],
    });
    const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      keyType: "ec",
      algorithm: "sha256",
      ca: { key: authority.private, cert: authority.cert },
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    authorityFile = join(folder.path, "authority.pem");
    await writeFile(authorityFile, authority.cert);
    // A dotenv file that comes with the directory. Bun reads it unasked.
    await writeFile(join(folder.path, ".env"), "NODE_TLS_REJECT_UNAUTHORIZED=0\n");

    server = createServer({ key, cert }, (_request, response) => void response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `https://127.0.0.1:${(server.address() as { port: number }).port}/`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });

  async function request(env: Record<string, string>, options: { cwd?: string } = {}): Promise<string> {
    return (await runProgram("runtime/request", { args: [url], env, ...options })).stdout.trim();
  }

  it("refuses a certificate of an untrusted authority", async () => {
    assertEquals(await request({}), "failed");
  });

  it("accepts a certificate of an authority that the runtime was told to trust", async () => {
    assertEquals(
      await request({ NODE_EXTRA_CA_CERTS: authorityFile, DENO_CERT: authorityFile }),
      "200 hello",
    );
  });

  it("checks certificates even if a dotenv file in the working directory turns the check off", async () => {
    assertEquals(await request({}, { cwd: folder.path }), "failed");
  });

  it("names what makes the runtime trust a CA, to a program whose network has its own", async () => {
    const { origin } = new URL(url);
    const storage = { get: () => JSON.stringify({ accessToken: "access" }), set() {}, delete() {} };
    const auth = new ClerkCliAuth({ clientId: "client", issuer: origin, apiOrigins: [origin], storage });
    for (const call of [() => auth.whoami(), () => auth.fetch(url)]) {
      const { message, action } = await caught(call);
      assertMatch(message, /127\.0\.0\.1:\d+ could not be reached: its certificate is not trusted here$/);
      for (const option of ["NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "DENO_TLS_CA_STORE"]) {
        assertStringIncludes(action, option);
      }
    }
  });
});
