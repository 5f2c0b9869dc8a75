import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { rawRequest } from "../harness/raw_request.ts";

let emulator: Emulator;
let server: ListeningEmulator;

beforeEach(async () => {
  emulator = createEmulator();
  // What the options do not have, some other server's might: it must not open the emulator to others.
  const options = { port: 0, host: "0.0.0.0", hostname: "0.0.0.0" };
  server = await emulator.listen(options);
});
afterEach(() => server.close());

/** Whether the emulator's port can be connected to at an address of this machine. */
function isReachable(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port: server.port, host, timeout: 2_000 });
    const settle = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.on("connect", () => settle(true)).on("error", () => settle(false)).on(
      "timeout",
      () => settle(false),
    );
  });
}

describe("an emulator that listens", () => {
  it("can be reached only at 127.0.0.1, and at no other address of the machine", async () => {
    assert(await isReachable("127.0.0.1"));
    const addresses = Object.values(networkInterfaces()).flatMap((list = []) =>
      list.map(({ address }) => address)
    );
    // A listener on every address would answer here, too.
    for (const address of new Set([...addresses, "127.0.0.2", "::1"])) {
      if (address !== "127.0.0.1") assertEquals(await isReachable(address), false, address);
    }
  });

  it("rejects a host name that resolves to this machine", async () => {
    const { status } = await rawRequest({
      ...server,
      target: "/",
      headers: { host: `evil.example:${server.port}` },
    });
    assertEquals([status, emulator.requests.length], [421, 0]);
  });

  it("says that it is not Clerk, even in responses of the Backend API and in injected faults", async () => {
    emulator.faults.add({ endpoint: "token", status: 503, body: "down" });
    for (const path of ["/", "/v1/jwks", "/v1/users/user_1", "/api_keys/verify", "/oauth/token"]) {
      const method = path === "/oauth/token" ? "POST" : "GET";
      const { headers, body } = await fetch(server.issuer + path, { method });
      await body?.cancel();
      assertEquals(headers.get("x-emulator"), "@clerk/cli-auth (not Clerk)", path);
    }
    assertEquals(emulator.faults.pending, 0);
  });
});
