import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { startLoginIssuer } from "../measure/login_issuer.ts";
import { runSubject } from "../measure/subject.ts";
import type { LoginName } from "../subjects/login.ts";

const SUBJECTS: readonly [name: LoginName, label: string, role: Line["role"]][] = [
  ["floor", "the same requests", "floor"],
  ["fresh", "the same, each on a connection of its own", "part"],
  ["careful", "the same, and as safe as login()", "part"],
  ["own", "login()", "own"],
  ["oauth4webapi", "oauth4webapi", "peer"],
  ["openidClient", "openid-client", "peer"],
  ["google", "google-auth-library", "peer"],
  ["msal", "@azure/msal-node", "peer"],
];

/** What comes before counts for nothing: compilers have still to learn the code, for longer than one would think. */
const WARM_UP = 80;

/** What a login costs over the requests that it is made of. */
export const login: Topic = {
  name: "login",
  title: "A login",
  about:
    "Logins in one process, with credentials in memory and a `fetch` for a browser, which follows the redirects to the " +
    "page that it ends at. The floor is the same requests over a server of the runtime's own, and over the connections " +
    "that its `fetch` keeps. This package asks the issuer on a connection of its own each time, because a request that " +
    'is repeated on a connection that broke would use a code or a refresh token up. "As safe" is by hand what else is ' +
    "asked of a login (RFC 7636, 8252, 9700): PKCE, a state and a one-time path, a page under a policy that names its " +
    "style by a digest, and a browser that is led on to it only when the tokens are there. " +
    "The peers bring PKCE, `state`, the exchange of the code and the userinfo request; the listener is that of the floor, " +
    "as they have none. MSAL has one, and looks every 100 ms whether it listens; it wants the code in a form, which the " +
    "browser sends, reads an ID token instead of asking for the user, and the endpoints of the issuer are given to it.",
  async measure(bench: Bench): Promise<Group[]> {
    const issuer = await startLoginIssuer();
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const args = bench.isQuick ? [issuer.url, 20, WARM_UP / 4] : [issuer.url, 120, WARM_UP];
      const microseconds = await runSubject<Record<LoginName, Sample[]>>(runtime, "login", { args });
      const lines = SUBJECTS.map(([name, label, role]): Line => ({
        label,
        role,
        samples: microseconds[name].map((sample) => sample === null ? null : sample / 1000),
      }));
      groups.push({ label: runtime.label, unit: "ms", goal: "≤ 1.1 × floor", lines });
    }
    await issuer.close();
    return groups;
  },
};
