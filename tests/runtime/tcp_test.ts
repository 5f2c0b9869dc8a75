import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer } from "node:net";
import process from "node:process";
import { loadRuntime, type TcpConnection } from "../doors/runtime.ts";
import { canRunOn, OWN_RUNTIME, runProgram, startProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";

/** On Linux, a connection waits if a full queue has no room for it. */
const FULL_QUEUE = {
  missing: process.platform === "linux" ? canRunOn("node").missing : "it needs the queues of Linux",
};

const never = new AbortController().signal;

describe("tcp", () => {
  it("carries text both ways", async () => {
    const { tcp } = await loadRuntime();
    const listener = await tcp.listen(async (connection) => {
      await connection.write(`you said ${await connection.read()}`);
    });
    const connection = await tcp.connect(listener.port, never);
    await connection.write("hellö");

    assertEquals(await connection.read(), "you said hellö");
    connection.close();
    await listener.close();
  });

  it("read() returns null when the other side closes, is closed, or resets", async () => {
    // An accepted connection keeps no process alive, including this one.
    const alive = setInterval(() => {}, 1_000);
    const { tcp } = await loadRuntime();
    let accept = (_: TcpConnection) => {};
    const listener = await tcp.listen((connection) => accept(connection));
    const connect = () => {
      const accepted = new Promise<TcpConnection>((resolve) => accept = resolve);
      return Promise.all([tcp.connect(listener.port, never), accepted]);
    };

    const [first, firstAccepted] = await connect();
    firstAccepted.close();
    assertEquals(await first.read(), null);

    const [second, secondAccepted] = await connect();
    const read = secondAccepted.read();
    second.close();
    second.close();
    assertEquals(await read, null);
    assertEquals(await second.read(), null);

    const [third] = await connect();
    const ended = third.read();
    await listener.close();
    assertEquals(await ended, null);

    const resetting = createServer((socket) => socket.resetAndDestroy());
    await new Promise<void>((resolve) => resetting.listen(0, "127.0.0.1", resolve));
    const { port } = resetting.address() as { port: number };
    // A reset may come before the connection is established.
    const fourth = await tcp.connect(port, never).catch(() => undefined);
    assertEquals(await fourth?.read() ?? null, null);
    await new Promise((resolve) => resetting.close(resolve));
    clearInterval(alive);
  });

  it("connect() rejects with ECONNREFUSED if nobody listens, and with the reason of an abort", async () => {
    const { tcp } = await loadRuntime();
    const listener = await tcp.listen(() => {});
    await listener.close();
    const refused = await assertRejects(() => tcp.connect(listener.port, never));

    assertEquals((refused as { code?: string }).code, "ECONNREFUSED");
    assertEquals(
      await tcp.connect(listener.port, AbortSignal.abort("too late")).catch((reason) => reason),
      "too late",
    );
  });

  itWith(
    FULL_QUEUE,
    "connect() gives up on an abort if a suspended process accepts no connection",
    async () => {
      const { tcp } = await loadRuntime();
      const suspended = startProgram("runtime/no_accept", { runtime: "node" });
      const [, port] = await suspended.waitForOutput(/listening on (\d+)/);
      process.kill(suspended.child.pid ?? 0, "SIGSTOP");
      const stop = new AbortController();
      // More than there is room for: some connect, the others wait until they are given up.
      const attempts = Array.from({ length: 50 }, () => tcp.connect(Number(port), stop.signal));
      await Promise.any(attempts);
      stop.abort("too late");
      const ends = await Promise.allSettled(attempts);

      const queued = ends.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
      const reasons = ends.flatMap((end) => end.status === "rejected" ? [end.reason] : []);
      assertEquals([...new Set(reasons)], ["too late"]);
      for (const connection of queued) connection.close();
      suspended.child.kill("SIGKILL");
      await suspended.ended;
    },
  );

  it("a listener and its connections do not keep the process alive", async () => {
    const program = startProgram("runtime/tcp", { args: ["listen"] });
    const [, port] = await program.waitForOutput(/listening on (\d+)/);
    const { tcp } = await loadRuntime();
    const connection = await tcp.connect(Number(port), never);
    await connection.write("end\n");
    const { code } = await program.ended;

    assertEquals(code, 0);
    assertEquals(await connection.read(), null);
  });

  it("a pending read keeps the process alive, and ends when the other process is killed", async () => {
    const holder = startProgram("runtime/tcp", { args: ["listen"] });
    const [, port = ""] = await holder.waitForOutput(/listening on (\d+)/);
    const waiter = startProgram("runtime/tcp", { args: ["wait", port] });
    await waiter.waitForOutput(/waiting/);
    // If nothing kept the waiter alive, it would end before another program has started and ended.
    await runProgram("runtime/tcp", { args: ["identity"] });
    holder.child.kill("SIGKILL");

    assertEquals((await waiter.ended).stdout, "waiting\nended\n");
  });

  if (OWN_RUNTIME === "deno") {
    it("rejects with EACCES if it is not permitted", async () => {
      const { stdout } = await runProgram("runtime/tcp", { args: ["listen"], permissions: ["--allow-read"] });

      assertEquals(stdout, "EACCES\n");
    });
  }
});

describe("hostIdentity()", () => {
  it("is the same in every process of this host", async () => {
    const { hostIdentity } = await loadRuntime();
    const { stdout } = await runProgram("runtime/tcp", { args: ["identity"] });

    assert(hostIdentity());
    assertEquals(stdout.trim(), hostIdentity());
  });

  if (OWN_RUNTIME === "deno") {
    it("is null if it may not be read", async () => {
      const permissions = ["--allow-read", "--allow-net"];

      assertEquals((await runProgram("runtime/tcp", { args: ["identity"], permissions })).stdout, "null\n");
    });
  }
});
