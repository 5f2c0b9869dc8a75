import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect, type Socket } from "node:net";
import { loadRuntime, type LoopbackHandler, type LoopbackServer } from "../doors/runtime.ts";
import { onFakeClock } from "../harness/fake_clock.ts";
import { startProgram } from "../harness/program.ts";
import { isListening, rawRequest } from "../harness/raw_request.ts";

/** Sends bytes, and waits until there is a response or the connection has ended. */
function sendJunk(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

/** Less than the minute after which a server that closes nothing gives up an idle connection. */
const BROKEN_MS = 45_000;

/** How long a closing listener waits for responses to go out. */
const CLOSING_MS = 100;

describe("serveLoopback()", () => {
  let handler: LoopbackHandler;
  let server: LoopbackServer;

  beforeEach(async () => {
    handler = () => new Response("hello");
    server = await (await loadRuntime()).serveLoopback((request) => handler(request), { port: 0 });
  });

  afterEach(() => server.close());

  it("gives every request a URL at 127.0.0.1 and leaves its Host header visible", async () => {
    handler = ({ url, headers }) => Response.json({ url, host: headers.get("host") });
    const origin = `http://127.0.0.1:${server.port}`;
    const ask = async (target: string, host: string) =>
      JSON.parse((await rawRequest({ port: server.port, target, headers: { host } })).body);

    assertEquals(await ask("/a/b?c=d%20e", "evil.example"), {
      url: `${origin}/a/b?c=d%20e`,
      host: "evil.example",
    });
    assertEquals(await ask("//", "localhost"), { url: `${origin}//`, host: "localhost" });
    assertEquals(await ask("//evil.example/x", "a"), { url: `${origin}//evil.example/x`, host: "a" });
  });

  it("passes method, headers and body, and responds with status, headers and body", async () => {
    handler = async (request) => {
      const headers = new Headers({ "x-seen": `${request.method} ${request.headers.get("x-sent")}` });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response(`got ${await request.text()}`, { status: 418, headers });
    };
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      headers: { "x-sent": "header" },
      body: "a body of ünicode",
    });

    assertEquals(response.status, 418);
    assertEquals(response.headers.get("x-seen"), "POST header");
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(await response.text(), "got a body of ünicode");
  });

  it("carries large bodies both ways", async () => {
    handler = async (request) => new Response(new Uint8Array(await request.arrayBuffer()).fill(7));
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      body: new Uint8Array(3_000_000),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());

    assertEquals(bytes.length, 3_000_000);
    assertEquals(bytes[2_999_999], 7);
  });

  for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE"]) {
    it(`lets the handler respond to ${method}`, async () => {
      handler = (request) => new Response(null, { status: 405, headers: { allow: `not ${request.method}` } });
      const response = await fetch(`http://127.0.0.1:${server.port}/`, { method });

      assertEquals([response.status, response.headers.get("allow")], [405, `not ${method}`]);
    });
  }

  it("sends a response without a body as it is", async () => {
    handler = () => new Response(null, { status: 204, headers: { "x-done": "yes" } });
    const { status, headers, body } = await fetch(`http://127.0.0.1:${server.port}/`);

    assertEquals([status, headers.get("x-done"), body], [204, "yes", null]);
  });

  const JUNK: Record<string, string> = {
    "an absolute address": "GET http://evil.example/a HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "an invalid absolute URL": "GET http://[/a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a CONNECT": "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "a TRACE": "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown method": "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS *": "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "an invalid Host": "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a Host with a path": "GET /a HTTP/1.1\r\nHost: evil/b?c=d\r\n\r\n",
    "no Host": "GET /a HTTP/1.1\r\n\r\n",
    "two Hosts": "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a target without a slash": "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target of odd characters": 'GET /\\a"<>%zz%00 HTTP/1.1\r\nHost: a\r\n\r\n',
    "huge headers": `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(200_000)}\r\n\r\n`,
    "a huge target": `GET /${"x".repeat(200_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    "no HTTP": "\x16\x03\x01\x00\r\n\r\n",
    "a body that does not come": "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
    "an upgrade": "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  };

  for (const [name, text] of Object.entries(JUNK)) {
    it(`withstands ${name}`, async () => {
      const urls: string[] = [];
      handler = ({ url }) => {
        urls.push(url);
        return new Response("hello");
      };
      await sendJunk(server.port, text);

      assertEquals((await rawRequest({ port: server.port, target: "/after" })).status, 200);
      assert(urls.every((url) => url.startsWith(`http://127.0.0.1:${server.port}/`)), urls.join(" "));
      assert(!urls.some((url) => new URL(url).search === "?c=d/a"), "the Host decided about the path");
    });
  }

  it("responds 500 without text if the handler throws or rejects", async () => {
    for (
      const failing of [
        () => {
          throw new Error("secret");
        },
        () => Promise.reject(new Error("secret")),
      ]
    ) {
      handler = failing;
      const response = await fetch(`http://127.0.0.1:${server.port}/`);

      assertEquals([response.status, await response.text()], [500, ""]);
    }
  });

  it("breaks the connection if the response body breaks off", async () => {
    handler = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("the beginning")),
          pull: (controller) => controller.error(new Error("broken")),
        }, { highWaterMark: 2 }),
      );

    await assertRejects(async () => await (await fetch(`http://127.0.0.1:${server.port}/`)).text());
  });

  it("rejects with EADDRINUSE if the port is in use", async () => {
    const runtime = await loadRuntime();
    const error = await assertRejects(() => runtime.serveLoopback(handler, { port: server.port }));

    assertEquals((error as { code?: string }).code, "EADDRINUSE");
  });

  it("listens on 127.0.0.1 only", async () => {
    await assertRejects(() =>
      new Promise((resolve, reject) =>
        connect(server.port, "127.0.0.2", () => resolve(undefined)).on("error", reject)
      )
    );
  });

  it("ends idle, half-sent and unanswered requests on close(), and frees the port", async () => {
    const asked = new Promise<void>((resolve) => {
      handler = () => {
        resolve();
        return new Promise<never>(() => {});
      };
    });
    const sockets = await Promise.all(["", "GET / HT", "GET /held HTTP/1.1\r\nHost: a\r\n\r\n"].map(open));
    await asked;
    const start = performance.now();
    await onFakeClock(
      (clock) => clock.advanceWhile(server.close(), CLOSING_MS),
      (durationMs) => durationMs === CLOSING_MS,
    );
    await Promise.all(sockets.map(hasEnded));

    assert(performance.now() - start < BROKEN_MS);
    assertEquals(await isListening(server.port), false);
    await server.close();

    function open(text: string): Promise<Socket> {
      return new Promise((resolve) => {
        const socket = connect(server.port, "127.0.0.1", () => {
          socket.write(text);
          resolve(socket);
        });
        socket.on("error", () => {}).resume();
      });
    }

    /** Bun makes the system accept only connections that send something. Others learn of the end by trying. */
    function hasEnded(socket: Socket): Promise<void> {
      return new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.on("close", () => resolve());
        socket.write("GET / HTTP/1.1\r\n");
      });
    }
  });

  it("lets a response that is being sent finish on close()", async () => {
    let answer = (_: Response) => {};
    const asked = new Promise<void>((resolve) => {
      handler = () =>
        new Promise((respond) => {
          answer = respond;
          resolve();
        });
    });
    const response = fetch(`http://127.0.0.1:${server.port}/`);
    await asked;
    answer(new Response("in time"));
    await server.close();

    assertEquals(await (await response).text(), "in time");
  });

  it("leaves nothing that keeps the process alive", async () => {
    const program = startProgram("runtime/serve_and_close");
    const [, port] = await program.waitForOutput(/listening on (\d+)/);
    const browserSpare = connect(Number(port), "127.0.0.1").on("error", () => {});
    await new Promise((resolve) => browserSpare.on("connect", resolve));
    program.child.stdin?.write("close\n");
    await program.waitForOutput(/closed/);
    const start = performance.now();
    const { code } = await program.ended;
    browserSpare.destroy();

    assertEquals(code, 0);
    assert(performance.now() - start < BROKEN_MS);
  });
});
