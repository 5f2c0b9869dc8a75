import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type HostFacts, hostIdentity } from "../doors/runtime.ts";

const FILES: Record<string, string> = {
  "/proc/sys/kernel/random/boot_id": "5f2c\n",
  "/proc/self/ns/net": "net:[4026531840]",
};

function facts(more: Partial<HostFacts> = {}): HostFacts {
  const read = (path: string) => FILES[path] ?? "";
  return { platform: "linux", hostName: () => "build", readText: read, readLink: read, ...more };
}

describe("the identity of a host", () => {
  it("differs between containers with one name on one machine, which cannot reach each other's ports", () => {
    assertNotEquals(hostIdentity(facts()), hostIdentity(facts({ readLink: () => "net:[4026532567]" })));
  });

  it("differs between boots of a machine, and between machines", () => {
    const identities = [{}, { readText: () => "91aa\n" }, { hostName: () => "other" }].map((more) =>
      hostIdentity(facts(more))
    );
    assertEquals(new Set(identities).size, 3);
  });

  it("is unknown if a part of it may not be read", () => {
    const readLink = () => {
      throw new Error("EACCES");
    };
    assertEquals(hostIdentity(facts({ readLink })), null);
    assertEquals(hostIdentity(facts({ readLink, platform: "darwin" })), "build");
  });
});
