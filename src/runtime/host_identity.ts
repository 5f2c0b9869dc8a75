import type { Platform } from "./runtime.ts";

/** What a host is told from others by. */
export interface HostFacts {
  platform: Platform;
  hostName(): string;
  readText(path: string): string;
  readLink(path: string): string;
}

/** New at each start of a Linux kernel. */
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/**
 * Names the network namespace of a process: containers of one host have one each, and each its own loopback
 * interface.
 */
const NETWORK_FILE = "/proc/self/ns/net";

/**
 * Puts the identity of this host together: who has the same one reaches the same loopback interface. `null` where a
 * part of it cannot be read, or may not be.
 */
export function hostIdentity({ platform, hostName, readText, readLink }: HostFacts): string | null {
  try {
    if (platform !== "linux") return hostName();
    // The name alone would not do: machines that are copies of one another, and containers, may share a home directory.
    return `${hostName()} ${readText(BOOT_ID_FILE).trim()} ${readLink(NETWORK_FILE)}`;
  } catch {
    return null;
  }
}
