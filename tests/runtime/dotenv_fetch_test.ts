import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

/** Nobody resolves this name but the proxy. */
const API = "https://api.example/";

describe("a request with a credential, from a stranger's directory", () => {
  let folder: TemporaryFolder;
  let proxy: Server;
  let address: string;
  const proxied: string[] = [];

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    proxy = createServer();
    proxy.on("connect", (request, socket) => {
      proxied.push(request.url ?? "");
      // Without a response, `fetch` in Node 22 would try again and again.
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    await mkdir(join(folder.path, "empty"));
    const variables = ["HTTPS_PROXY", "https_proxy"].map((name) => `${name}=${address}\n`);
    await writeFile(join(folder.path, ".env"), `${variables.join("")}BUN_CONFIG_VERBOSE_FETCH=curl\n`);
  });
  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await folder.remove();
  });

  /** Runs the program from the directory; it may change to another one first. */
  async function send(...elsewhere: string[]): Promise<void> {
    const args = [API, ...elsewhere.map((name) => join(folder.path, name))];
    const env = { TOKEN: "secret-of-the-program", https_proxy: undefined, HTTPS_PROXY: undefined };
    const { stdout, stderr } = await runProgram("runtime/dotenv_fetch", { args, env, cwd: folder.path });
    assertEquals([stdout, proxied], ["failed\nfailed\n", []]);
    assertEquals(stderr.includes("secret"), false);
  }

  it("uses no proxy from its dotenv file, and is not printed", () => send());

  it("does neither after the program changed to another directory", () => send("empty"));

  it("goes through the proxy that its true environment names, which Node has to be told to use", async () => {
    const env = {
      TOKEN: "secret-of-the-program",
      NODE_USE_ENV_PROXY: "1",
      DENO_NO_UPDATE_CHECK: "1", // That is a request, too.
      https_proxy: address,
      HTTPS_PROXY: address,
    };
    const { stderr } = await runProgram("runtime/dotenv_fetch", { args: [API], env });
    // Node cannot before version 22.21.
    const isProxied = OWN_RUNTIME !== "node" || stderr.includes("uses the proxy");
    assertEquals(proxied.splice(0), isProxied ? ["api.example:443", "api.example:443"] : []);
  });
});
