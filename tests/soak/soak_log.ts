import type { Operation } from "./operation.ts";

/** A use of a refresh token, as the issuer saw it. */
export interface RefreshUse {
  clientId: string;
  refreshToken: string;
  /** When it arrived, in Unix milliseconds. */
  at: number;
  /** Whether the token was accepted and replaced. */
  tookEffect: boolean;
  /** Whether the issuer withheld the response. */
  isAnswerLost: boolean;
  /** Whether the response was that the token is invalid. */
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
