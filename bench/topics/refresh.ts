import type { Bench, Group, Topic } from "../bench.ts";
import { type Certificate, makeCertificate, startIssuer } from "../measure/issuer.ts";
import { type MsalSession, storeMsalSession } from "../measure/msal_session.ts";
import { MSAL_LABEL } from "../measure/packages.ts";
import { type TimedProgram, timePrograms } from "../measure/process_group.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { type StoredSession, storeSession } from "../measure/stored_session.ts";
import { msalProgram } from "./msal_programs.ts";
import { byHandProgram, type TokenClient } from "./refresh_programs.ts";
import { ownProgram } from "./token_programs.ts";

/** The leanest client that a runtime has of its own. */
const FLOOR: Readonly<Record<BenchRuntime["family"], TokenClient>> = {
  node: "nodeHttps",
  bun: "fetch",
  deno: "fetch",
};

const PEERS: readonly [label: string, client: TokenClient][] = [
  ["oauth4webapi", "oauth4webapi"],
  ["openid-client", "openidClient"],
  ["google-auth-library", "google"],
];

/** What a command pays that finds its token expired. */
export const refresh: Topic = {
  name: "refresh",
  title: "A command that has to refresh",
  about:
    "Whole processes that find the access token expired, refresh it over https and save the new one. The floor " +
    "does so with what the runtime offers (`node:https`, `fetch`): it reads the file, sends one request, writes, " +
    "flushes and renames one file. This package also marks the refresh as begun, flushes the folder and locks out other " +
    "processes; what that costs shows the floor with the first two (safe against crashes), and with a lock of one " +
    "listener and two files. " +
    "The peers bring the request; the file is read and saved for them as on the floor. MSAL keeps its cache by its " +
    "extensions, which flush nothing. The server's certificate is of an authority of its own, named by " +
    "`NODE_EXTRA_CA_CERTS` to all alike.",
  async measure(bench: Bench): Promise<Group[]> {
    const certificate = await makeCertificate(bench.workspace.folder);
    const issuer = await startIssuer({ tls: certificate });
    const session = await storeSession(bench, { issuer: issuer.url, expiresAt: 1_000 });
    const msal = await storeMsalSession(bench, { expiredAt: issuer.url });
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      groups.push(
        await timePrograms(runtime, programs(runtime, { session, msal, certificate }), {
          label: runtime.label,
          ...(runtime.family === "node" && { goal: "≤ 1.2 × floor" }),
          rounds: bench.isQuick ? 2 : 16,
        }),
      );
    }
    await issuer.close();
    return groups;
  },
};

interface Refreshing {
  session: StoredSession;
  msal: MsalSession;
  certificate: Certificate;
}

function programs(
  { family }: BenchRuntime,
  { session, msal, certificate: { authorityFile } }: Refreshing,
): TimedProgram[] {
  const env = { ...session.env, NODE_EXTRA_CA_CERTS: authorityFile, DENO_CERT: authorityFile };
  const byHand = (client: TokenClient) => byHandProgram(session, { client, family });
  const all: TimedProgram[] = [
    {
      label: `by hand, ${family === "node" ? "node:https" : "fetch"}`,
      role: "floor",
      source: byHand(FLOOR[family]),
    },
    ...(["crashes", "crashes and processes"] as const).map((safeAgainst) => ({
      label: `by hand, safe against ${safeAgainst}`,
      role: "part",
      source: byHandProgram(session, { client: FLOOR[family], family, safeAgainst }),
      every: 2,
    } as const)),
    { label: "getAccessToken()", role: "own", source: ownProgram(session, "file") },
    ...(family === "node"
      ? [{ label: "by hand, fetch", role: "peer", source: byHand("fetch"), every: 4 } as const]
      : []),
    ...PEERS.map(([label, client]) => ({ label, role: "peer", source: byHand(client), every: 4 }) as const),
    {
      label: MSAL_LABEL,
      role: "peer",
      source: msalProgram(msal),
      before: msal.restore,
      needsScripts: true,
      every: 4,
    },
  ];
  return all.map((program) => ({ before: session.restore, ...program, env }));
}
