import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { assertEquals, assertRejects } from "@std/assert";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { loadRuntime, type LocalSocket } from "../doors/runtime.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const SOCKETS = unlessWindows("session bus");
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

describe("connectLocal()", () => {
  let folder: TemporaryFolder;
  let path: string;
  let server: Server;
  let accepted: Socket[];

  beforeEach(async () => {
    if (SOCKETS.missing !== undefined) return;
    folder = await makeTemporaryFolder();
    path = join(folder.path, "socket");
    accepted = [];
    server = createServer((socket) => {
      accepted.push(socket);
      socket.on("data", (bytes) => socket.write(`you said ${bytes}`));
      socket.on("error", () => {}); // The other side may be gone.
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });

  afterEach(async () => {
    if (SOCKETS.missing !== undefined) return;
    for (const socket of accepted) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await folder.remove();
  });

  async function connect(): Promise<LocalSocket> {
    return await (await loadRuntime()).connectLocal(path);
  }

  itWith(SOCKETS, "carries bytes both ways, and read() returns null when the other side ends", async () => {
    const socket = await connect();
    await socket.write(ENCODER.encode("hellö"));
    assertEquals(DECODER.decode(await socket.read() ?? undefined), "you said hellö");

    accepted[0]?.end();
    assertEquals(await socket.read(), null);
    socket.close();
  });

  itWith(SOCKETS, "read() ends on close()", async () => {
    const socket = await connect();
    const read = socket.read().catch(() => null);
    socket.close();

    assertEquals(await read, null);
  });

  itWith(
    SOCKETS,
    "tells a connection that has ended from one that is silent, even after a write",
    async () => {
      const acceptedOne = once(server, "connection");
      const socket = await connect();
      await acceptedOne;
      accepted[0]?.destroy();
      await socket.read();
      // What happens to the bytes is up to the runtime. Nothing may hang.
      await socket.write(ENCODER.encode("anyone?")).catch(() => {});

      assertEquals(await socket.read().catch(() => null), null);
      socket.close();
    },
  );

  itWith(SOCKETS, "rejects if nobody listens", async () => {
    const { connectLocal } = await loadRuntime();

    await assertRejects(() => connectLocal(join(folder.path, "nothing")));
  });
});
