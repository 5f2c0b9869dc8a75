import type { Platform } from "./runtime.ts";

/** What distinguishes hosts. */
export interface HostFacts {
  platform: Platform;
  hostName(): string;
  readText(path: string): string;
  readLink(path: string): string;
}

/** Changes with every start of a Linux kernel. */
export const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/** Names a process's network namespace. Each container on a host has its own, with its own loopback interface. */
export const NETWORK_FILE = "/proc/self/ns/net";

/**
 * Builds the identity of this host: processes with the same one reach the same loopback interface. `null` if a part of
 * it cannot, or may not, be read.
 */
export function hostIdentity({ platform, hostName, readText, readLink }: HostFacts): string | null {
  try {
    if (platform !== "linux") return hostName();
    // The name is not enough: cloned machines and containers may share a home directory.
    return `${hostName()} ${readText(BOOT_ID_FILE).trim()} ${readLink(NETWORK_FILE)}`;
  } catch {
    return null;
  }
}
