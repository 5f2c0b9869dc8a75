import type { Platform } from "./runtime.ts";

/** What a host is told from others by. */
export interface HostFacts {
  platform: Platform;
  hostName(): string;
  readText(path: string): string;
}

/** New at each start of a Linux kernel. */
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/** Puts the identity of this host together; `null` where a part of it cannot be read, or may not be. */
export function hostIdentity({ platform, hostName, readText }: HostFacts): string | null {
  try {
    // The name alone would not do on Linux: machines that are copies of one another may share a home folder.
    return platform === "linux" ? `${hostName()} ${readText(BOOT_ID_FILE).trim()}` : hostName();
  } catch {
    return null;
  }
}
