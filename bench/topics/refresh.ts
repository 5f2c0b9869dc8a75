import type { Bench, Group, Topic } from "../bench.ts";
import { type ByHandOptions, byHandProgram, type TokenClient } from "../by_hand.ts";
import { makeCertificate, startIssuer } from "../issuer.ts";
import { processLine, type TimedProgram } from "../processes.ts";
import { storeMsalSession, storeSession } from "../sessions.ts";
import type { BenchRuntime } from "../workspace.ts";
import { msalLine, tokenProgram } from "./token.ts";

/** The leanest client that each runtime has. */
const LEANEST: Readonly<Record<BenchRuntime["family"], TokenClient>> = {
  node: "nodeHttps",
  bun: "fetch",
  deno: "fetch",
};

/** What a command costs that finds its token expired. */
export const refresh: Topic = {
  name: "refresh",
  title: "A command that has to refresh",
  about:
    "Whole processes that find the access token expired, refresh it over https and save the new one. By hand it is done with " +
    "what the runtime offers (`node:https`, `fetch`): read the file, send one request, write, flush and rename one file. " +
    "Safe against crashes, it also marks the refresh as begun and flushes the directory; safe against processes, it takes a " +
    "lock of one listener and two files. For the other libraries the file is read and saved by hand, safe against nothing; MSAL " +
    "keeps its cache by its extensions, which flush nothing. The authority of the server's certificate is named to all by " +
    "`NODE_EXTRA_CA_CERTS`.",
  async prepare(bench: Bench): Promise<Group[]> {
    const certificate = await makeCertificate(bench.folder);
    const issuer = await startIssuer({ tls: certificate });
    bench.resources.defer(() => issuer.close());
    const trust = {
      NODE_EXTRA_CA_CERTS: certificate.authorityFile,
      DENO_CERT: certificate.authorityFile,
    };
    const session = await storeSession(bench, { expiredAt: issuer.url });
    const msal = bench.isBrief
      ? undefined
      : await storeMsalSession(bench, { expiredAt: issuer.url, env: trust });
    return await Promise.all(bench.runtimes.map(async (runtime): Promise<Group> => {
      const { family, label } = runtime;
      const line = (program: Omit<TimedProgram, "env" | "before">) =>
        processLine(runtime, { ...program, env: { ...session.env, ...trust }, before: session.restore });
      const byHand = (label: string, options: Partial<ByHandOptions>, every = 1) =>
        line({
          label,
          every,
          source: byHandProgram(session, { client: LEANEST[family], family, ...options }),
        });
      const others = async () => [
        await byHand("by hand", {}),
        await byHand("by hand, safe against crashes", { safeAgainst: "crashes" }, 2),
        ...family === "node" ? [await byHand("by hand, fetch", { client: "fetch" }, 4)] : [],
        await byHand("oauth4webapi", { client: "oauth4webapi" }, 2),
        await byHand("openid-client", { client: "openidClient" }, 4),
        ...msal ? [await msalLine(runtime, msal)] : [],
      ];
      return {
        label: `${label}: refresh over https`,
        unit: "ms",
        own: await line({ label: "getAccessToken()", source: tokenProgram(session, "file") }),
        others: [
          await byHand("by hand, as safe", { safeAgainst: "crashes and processes" }),
          ...bench.isBrief ? [] : await others(),
        ],
        goal: 1.15,
      };
    }));
  },
};
