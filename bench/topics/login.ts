import type { Bench, Group, Topic } from "../bench.ts";
import { startLoginIssuer } from "../measure/login_issuer.ts";
import { runSubject } from "../measure/subject.ts";
import type { LoginTimes } from "../subjects/login.ts";

/** What a login costs over the requests that it is made of. */
export const login: Topic = {
  name: "login",
  title: "A login",
  about:
    "Logins in one process, with credentials in memory and a `fetch` for a browser, which follows the redirects to the " +
    "page that it ends at. The floor is the same requests over a server of the runtime's own, and over the connections " +
    "that its `fetch` keeps. This package asks the issuer on a connection of its own each time, because a request that " +
    "is repeated on a connection that broke would use a code or a refresh token up, and waits for the page to be out.",
  async measure(bench: Bench): Promise<Group[]> {
    const issuer = await startLoginIssuer();
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const args = [issuer.url, bench.isQuick ? 20 : 200];
      const { floor, own } = await runSubject<LoginTimes>(runtime, "login", { args });
      groups.push({
        label: runtime.label,
        unit: "ms",
        goal: "≤ 1.1 × floor",
        lines: [
          { label: "the same requests", role: "floor", samples: floor },
          { label: "login()", role: "own", samples: own },
        ],
      });
    }
    await issuer.close();
    return groups;
  },
};
