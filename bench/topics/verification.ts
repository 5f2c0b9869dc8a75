import type { Bench, Group, Line, Topic } from "../bench.ts";
import { startInstance } from "../instance.ts";
import { startProgram } from "../processes.ts";
import type { Situation } from "../programs/verification.ts";

const JOSE = ["jose", "jose, jwtVerify()"] as const;
const BACKEND = ["backend", "@clerk/backend, authenticateRequest()"] as const;
const OAUTH4WEBAPI = ["oauth4webapi", "oauth4webapi, validateJwtAccessToken()"] as const;

type Others = readonly [name: string, label: string][] | readonly (readonly [string, string])[];

const SITUATIONS: Readonly<Record<Situation, readonly [title: string, others: Others]>> = {
  firstSeen: ["JWT first seen", [["subtle", "subtle.verify()"], JOSE, OAUTH4WEBAPI, BACKEND]],
  seenBefore: ["JWT seen before", [["map", "a map of tokens"], JOSE, BACKEND]],
  opaque: ["opaque token, no cache", [["request", "fetch, the same request"], BACKEND]],
  cached: ["opaque token, cached", [["map", "a map of tokens"], BACKEND]],
};

/** What verifying a token costs the backend. */
export const verification: Topic = {
  name: "verification",
  title: "Verification on the server",
  about:
    "Tokens a second in one process, one after the other. A JWT that was never seen before has its signature verified (RS256), " +
    "with the public key given, except to oauth4webapi, which fetches it. jose checks signature, type and expiry. An opaque " +
    "token (an API key) is verified by one request to Clerk's API, here an emulator on the same machine. The other libraries " +
    "remember nothing.",
  async prepare(bench: Bench): Promise<Group[]> {
    const file = await startInstance(bench);
    const groups = await Promise.all(bench.runtimes.map(async (runtime): Promise<Group[]> => {
      const { ask, close } = await startProgram(runtime, "verification", { args: [file] });
      bench.resources.defer(close);
      return Object.entries(SITUATIONS).map(([situation, [title, others]]): Group => {
        const line = (name: string, label: string): Line => ({
          label,
          measure: () => ask(`${situation} ${name}`),
        });
        return {
          label: `${runtime.label}: ${title}`,
          unit: "/s",
          own: line("own", "verifyToken()"),
          others: others.map(([name, label]) => line(name, label)) as [Line],
        };
      });
    }));
    return groups.flat();
  },
};
