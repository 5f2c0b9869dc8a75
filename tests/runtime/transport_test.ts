import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { HttpRequest, HttpResponse } from "../doors/core.ts";
import { detectRuntime, type KeptConnection, loadRuntime } from "../doors/runtime.ts";
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

  it("sends method, path, headers and body, and returns status, headers and body", async () => {
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

  it("reads a body that arrives in pieces, and an empty one", async () => {
    let sendRest = () => {};
    server = await startRawServer((socket, request) => {
      if (request.startsWith("GET")) return socket.end("HTTP/1.1 204 No Content\r\n\r\n");
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      sendRest = () => void socket.end("3\r\ndef\r\n0\r\n\r\n");
    });

    assertEquals(await readText(await send(), () => sendRest()), "abcdef");
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
    it(`sends a POST exactly once if the connection ends ${name}, and rejects`, async () => {
      server = await startRawServer(drop);

      await assertRejects(async () => await readText(await send()));
      // A second attempt would have come before this.
      await assertRejects(async () => await readText(await send({ url: `${server.url}next` })));
      assertEquals(server.requests.map(pathOf), ["/", "/next"]);
    });
  }

  it("sends a POST exactly once if a connection that others keep open drops", async () => {
    server = await startRawServer((socket, request) => {
      if (request.startsWith("POST")) return socket.destroy();
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
    });
    await (await fetch(`${server.url}kept`)).text();

    await assertRejects(() => send());
    await assertRejects(() => send({ url: `${server.url}next` }));
    assertEquals(server.requests.map(pathOf), ["/kept", "/", "/next"]);
    assertEquals(server.connectionCount, 3);
  });

  it("rejects if nobody listens", async () => {
    server = await startRawServer(() => {});
    await server.close();

    await assertRejects(() => send());
  });

  it("rejects with the reason of an abort: before, while waiting for the response, and during its body", async () => {
    let onAsked = () => {};
    server = await startRawServer((socket, request) => {
      const [method, path = ""] = request.split(" ");
      if (method === "GET") socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.slice(1)}\r\n\r\nabc`);
      else onAsked();
    });
    assertEquals(await reasonOf(send({}, AbortSignal.abort("too late"))), "too late");
    assertEquals(server.requests.length, 0);

    const reason = new Error("no longer");
    const stop = new AbortController();
    onAsked = () => stop.abort(reason);
    assert(await reasonOf(send({}, stop.signal)) === reason);

    const stopBody = new AbortController();
    const large = await send({ method: "GET", url: `${server.url}100000` }, stopBody.signal);
    assert(await reasonOf(readText(large, () => stopBody.abort(reason))) === reason);
    const stopSmall = new AbortController();
    const small = readText(await send({ method: "GET", url: `${server.url}9` }, stopSmall.signal));
    stopSmall.abort(reason);
    assert(await reasonOf(small) === reason);
    await server.allEnded();
  });

  it("reads a body piece by piece if its chunks may exceed the length that is stated too", async () => {
    let sendRest = () => {};
    server = await startRawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      sendRest = () => void socket.end("3\r\ndef\r\n0\r\n\r\n");
    });
    const reading = (async () => await readText(await send(), () => sendRest()))();
    const text = await reading.catch(() => "refused"); // By Node.
    assert(["abcdef", "refused"].includes(text), text);
  });

  it("ends the connection if a body is not read to its end", async () => {
    server = await startRawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nabc");
    });
    const { body } = await send();
    for await (const _chunk of body ?? []) break;

    await server.allEnded();
  });

  it("frees a large body's memory piece by piece", async () => {
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

describe("keepConnection()", () => {
  const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";
  let server: RawServer;
  let connection: KeptConnection;

  beforeEach(async () => {
    connection = await (await loadRuntime()).keepConnection();
  });
  afterEach(async () => {
    connection.close();
    await server.close();
  });

  async function send(method: "GET" | "POST"): Promise<string> {
    const request = { method, url: server.url, headers: {}, ...method === "POST" && { body: "a=b" } };
    return await readText(await connection.transport(request, never));
  }

  it("opens a connection for each POST, and sends each GET on the last one where it can", async () => {
    server = await startRawServer((socket) => socket.write(OK));
    for (const method of ["POST", "GET", "GET", "POST", "GET"] as const) {
      assertEquals(await send(method), "ok");
    }

    assertEquals(server.connectionCount, detectRuntime() === "bun" ? 5 : 2);
    connection.close();
    await server.allEnded();
  });

  it("sends a GET again when a kept connection drops", async () => {
    let gets = 0;
    server = await startRawServer((socket, request) => {
      if (request.startsWith("GET") && gets++ === 1) return socket.destroy();
      socket.write(OK);
    });
    assertEquals([await send("POST"), await send("GET")], ["ok", "ok"]);

    if (detectRuntime() === "bun") await assertRejects(() => send("GET"));
    else assertEquals(await send("GET"), "ok");
  });

  it("sends no POST again", async () => {
    let posts = 0;
    server = await startRawServer((socket, request) => {
      if (request.startsWith("POST") && posts++ === 1) return socket.destroy();
      socket.write(OK);
    });
    assertEquals([await send("POST"), await send("GET")], ["ok", "ok"]);

    await assertRejects(() => send("POST"));
    assertEquals(await send("GET"), "ok");
    assertEquals(posts, 2);
  });
});

/** Reads a body to its end, and reports each piece. */
async function readText({ body }: HttpResponse, onPiece = () => {}): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    onPiece();
  }
  return text;
}

function pathOf(request: string): string | undefined {
  return request.split(" ")[1];
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => "it did not reject", (reason) => reason);
}
