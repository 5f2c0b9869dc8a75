/** The statuses of failed responses. */
export const STATUSES = [400, 401, 403, 404, 408, 429, 500, 502, 503, 504] as const;

export type Status = typeof STATUSES[number];

/** How a connection or a response fails. */
export const BROKEN_ANSWERS = [
  "connection refused",
  "TLS error",
  "reset mid-headers",
  "reset mid-body",
  "stalled",
  "slow drip",
  "wrong content type",
  "huge body",
  "invalid JSON",
  "redirect",
] as const;

export type BrokenAnswer = typeof BROKEN_ANSWERS[number];

/** Faults between us and a server. */
export type NetworkFault = BrokenAnswer | `${Status}` | `${Status} with an error body`;

/** Faults of files: from the start, or once the request is in progress. */
export const FILE_FAULTS = [
  "disk full",
  "read-only directory",
  "permission denied",
  "directory read-only when saving",
] as const;

export type FileFault = typeof FILE_FAULTS[number];

/** What happens to a process while it waits for a response. */
export const PROCESS_FAULTS = ["killed, request lost", "killed, response lost", "suspended"] as const;

export type ProcessFault = typeof PROCESS_FAULTS[number];

/** How the clock is set: during the request, or before a step without one. */
export const CLOCK_FAULTS = ["clock set a day ahead", "clock set a day back"] as const;

export type ClockFault = typeof CLOCK_FAULTS[number];

/** What the authorization response says instead of a code. */
export const AUTHORIZATION_FAULTS = [
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  "error with another state",
  "code with another state",
] as const;

export type AuthorizationFault = typeof AUTHORIZATION_FAULTS[number];

/** Every fault in the table. */
export type FaultName = NetworkFault | FileFault | ProcessFault | ClockFault | AuthorizationFault;

/** Whether a fault is of a kind. */
export function isOneOf<Kind extends FaultName>(kind: readonly Kind[], fault: FaultName): fault is Kind {
  return (kind as readonly FaultName[]).includes(fault);
}

/** Statuses without an error body, as from a proxy. */
export function bare(...list: readonly Status[]): NetworkFault[] {
  return list.map((status): NetworkFault => `${status}`);
}

/** Statuses with an error body, such as OAuth's (RFC 6749, section 5.2). */
export function withBody(...list: readonly Status[]): NetworkFault[] {
  return list.map((status): NetworkFault => `${status} with an error body`);
}

/** Statuses in both forms. */
export function statuses(...list: readonly Status[]): NetworkFault[] {
  return [...bare(...list), ...withBody(...list)];
}

/** Every fault between us and a server. */
export const NETWORK_FAULTS: readonly NetworkFault[] = [...BROKEN_ANSWERS, ...statuses(...STATUSES)];

/** Faults that last until a deadline. */
export const SLOW_FAULTS = ["stalled", "slow drip"] as const;
