import { afterEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { HttpRequest, HttpResponse } from "../doors/core.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { type Behaviour, type RawServer, startRawServer } from "./raw_server.ts";

const never = new AbortController().signal;

describe("transport", () => {
  let server: RawServer;

  afterEach(() => server.close());

  async function send(
    request: Partial<HttpRequest> = {},
    signal: AbortSignal = never,
  ): Promise<HttpResponse> {
    const { transport } = await loadRuntime();
    const body = request.method === "GET" ? {} : { body: "a=b" };
    return await transport({ method: "POST", url: server.url, headers: {}, ...body, ...request }, signal);
  }

  it("sends method, path, headers and body, and gives back status, headers and body", async () => {
    server = await startRawServer((socket) =>
      socket.end(
        "HTTP/1.1 201 Created\r\nX-One: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 6\r\n\r\nzwölf",
      )
    );
    const response = await send({
      url: `${server.url}path?query=1`,
      headers: { "content-type": "application/x-www-form-urlencoded", authorization: "Bearer x" },
      body: "refresh_token=ü",
    });
    const [request = ""] = server.requests;

    assertMatch(request, /^POST \/path\?query=1 HTTP\/1\.1\r\n/);
    assertMatch(request, /\r\ncontent-type: application\/x-www-form-urlencoded\r\n/i);
    assertMatch(request, /\r\nauthorization: Bearer x\r\n/i);
    assertMatch(request, /\r\nuser-agent: \S+/i);
    assert(request.endsWith("\r\n\r\nrefresh_token=\xc3\xbc"));
    assertEquals(response.status, 201);
    assertEquals([response.headers.get("X-One"), response.headers.get("x-two")], ["1", null]);
    assertEquals(response.headers.get("set-cookie"), "a, b");
    assertEquals(await readText(response), "zwölf");
  });

  it("reads a body that comes in pieces, and one that is empty", async () => {
    server = await startRawServer((socket, request) => {
      if (request.startsWith("GET")) return socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      setTimeout(() => socket.end("3\r\ndef\r\n0\r\n\r\n"), 50);
    });

    assertEquals(await readText(await send()), "abcdef");
    assertEquals(await readText(await send({ method: "GET" })), "");
  });

  it("follows no redirect", async () => {
    server = await startRawServer((socket) =>
      socket.end(
        `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${server.url}elsewhere\r\nContent-Length: 0\r\n\r\n`,
      )
    );
    const { status, headers } = await send();

    assertEquals([status, headers.get("location")], [307, `${server.url}elsewhere`]);
    assertEquals(server.requests.length, 1);
  });

  it("opens a connection for each request and leaves none open", async () => {
    server = await startRawServer((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
    );
    for (let count = 0; count < 3; count++) assertEquals(await readText(await send()), "ok");

    assertEquals(server.connectionCount, 3);
    await server.allEnded();
  });

  const DROPS: Record<string, Behaviour> = {
    "without an answer": (socket) => socket.destroy(),
    "with a reset": (socket) => socket.resetAndDestroy(),
    "in the headers": (socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-", () => socket.destroy()),
    "in the body": (socket) =>
      void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", () => socket.destroy()),
    "in a chunked body": (socket) =>
      void socket.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        () => socket.destroy(),
      ),
  };

  for (const [name, drop] of Object.entries(DROPS)) {
    it(`sends a POST exactly once when the connection ends ${name}, and rejects`, async () => {
      server = await startRawServer(drop);

      await assertRejects(async () => await readText(await send()));
      await settled();
      assertEquals(server.requests.length, 1);
    });
  }

  it("sends a POST exactly once when a connection that others keep open drops", async () => {
    server = await startRawServer((socket, request) => {
      if (request.startsWith("POST")) return socket.destroy();
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
    });
    await (await fetch(server.url)).text();

    await assertRejects(() => send());
    await settled();
    assertEquals(server.requests.map((request) => request.slice(0, 4)), ["GET ", "POST"]);
    assertEquals(server.connectionCount, 2);
  });

  it("rejects when nobody listens", async () => {
    server = await startRawServer(() => {});
    await server.close();

    await assertRejects(() => send());
  });

  it("rejects with the reason of an abort: before, while it waits for an answer, and for its body", async () => {
    server = await startRawServer((socket, request) => {
      if (request.startsWith("GET")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    });
    assertEquals(await reasonOf(send({}, AbortSignal.abort("too late"))), "too late");
    assertEquals(server.requests.length, 0);

    const reason = new Error("no longer");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 100);
    assert(await reasonOf(send({}, stop.signal)) === reason);

    const stopBody = new AbortController();
    const response = await send({ method: "GET" }, stopBody.signal);
    setTimeout(() => stopBody.abort(reason), 100);
    assert(await reasonOf(readText(response)) === reason);
    await server.allEnded();
  });

  it("ends the connection when a body is not read to its end", async () => {
    server = await startRawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc");
    });
    const { body } = await send();
    for await (const _chunk of body ?? []) break;

    await server.allEnded();
  });

  it("gives the memory of a large body back piece by piece", async () => {
    const size = 5_000_000;
    server = await startRawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.end(new Uint8Array(size));
    });
    let pieces = 0;
    let length = 0;
    for await (const chunk of (await send()).body ?? []) {
      pieces++;
      length += chunk.length;
    }

    assertEquals(length, size);
    assert(pieces > 1);
  });
});

async function readText({ body }: HttpResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) text += decoder.decode(chunk, { stream: true });
  return text;
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => "it did not reject", (reason) => reason);
}

/** Time enough for a second attempt. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}
