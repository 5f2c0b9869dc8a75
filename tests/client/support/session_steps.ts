import fc from "npm:fast-check@4.10.2";
import { type RefreshFault, SILENT_FAULTS } from "./rotating_issuer.ts";

/** Something that happens to a session, one after another except for the calls of one step. */
export type Step =
  | { kind: "calls"; calls: Call[] }
  | { kind: "time passes"; durationMs: number }
  | { kind: "clock is set"; offsetMs: number }
  | { kind: "revoked by the user" };

/** A call to a client. */
export type Call =
  /** A silent fault is met by a separate client with little patience. */
  | { kind: "token"; client: number; forceRefresh: boolean; fault: RefreshFault | null }
  | { kind: "login"; client: number }
  | { kind: "logout"; client: number; isRefused: boolean };

const MINUTE = 60_000;
const FAULTS: RefreshFault[] = [
  "unreachable",
  "unavailable",
  "rate_limited",
  "lost_unavailable",
  "lost_halfway",
];

const client = fc.nat({ max: 2 });
const token = fc.record({
  kind: fc.constant("token" as const),
  client,
  forceRefresh: fc.boolean(),
  fault: fc.oneof(
    { weight: 10, arbitrary: fc.constant(null) },
    { weight: 4, arbitrary: fc.constantFrom(...FAULTS) },
    { weight: 1, arbitrary: fc.constantFrom(...SILENT_FAULTS) },
  ),
});
const login = fc.record({ kind: fc.constant("login" as const), client });
const logout = fc.record({ kind: fc.constant("logout" as const), client, isRefused: fc.boolean() });
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 8, arbitrary: token },
  { weight: 2, arbitrary: login },
  { weight: 1, arbitrary: logout },
);

/** Any sequence of steps, in the mix of a long life: mostly calls, rarely a revocation. */
export const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: calls() },
    { weight: 4, arbitrary: passing() },
    { weight: 2, arbitrary: clockSetting() },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "revoked by the user" }) },
  ),
  { minLength: 3, maxLength: 16 },
);

function calls(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant("calls" as const),
    calls: fc.array(call, { minLength: 1, maxLength: 4 }),
  });
}

/** Up to two lifetimes of an access token. */
function passing(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant("time passes" as const),
    durationMs: fc.integer({ min: 0, max: 120 * MINUTE }),
  });
}

function clockSetting(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant("clock is set" as const),
    offsetMs: fc.integer({ min: -180 * MINUTE, max: 180 * MINUTE }),
  });
}
