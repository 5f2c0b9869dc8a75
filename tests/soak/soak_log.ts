import type { Operation } from "./operation.ts";

/** A use of a refresh token, as the issuer saw it. */
export interface RefreshUse {
  clientId: string;
  refreshToken: string;
  /** When it came, Unix time in milliseconds. */
  at: number;
  /** Whether the token was taken, and another one issued for it. */
  tookEffect: boolean;
  /** Whether the issuer has kept the answer to itself. */
  isAnswerLost: boolean;
  /** Whether the answer was that the token is no good. */
  wasRefused: boolean;
}

/** A revocation of a refresh token, as the issuer saw it. */
export interface RevocationSeen {
  refreshToken: string;
  at: number;
}

/** A process that ended by itself. */
export interface Crash {
  runtime: string;
  output: string;
}

/** Everything that happened in a soak. */
export interface SoakLog {
  operations: Operation[];
  refreshes: RefreshUse[];
  revocations: RevocationSeen[];
  crashes: Crash[];
  /** How often each fault of the issuer happened. */
  faults: Record<string, number>;
  kills: number;
  suspensions: number;
}

/** An empty log. */
export function createLog(): SoakLog {
  return {
    operations: [],
    refreshes: [],
    revocations: [],
    crashes: [],
    faults: {},
    kills: 0,
    suspensions: 0,
  };
}
