import type { Bench, Group, Line, Topic } from "../bench.ts";
import { startIssuer } from "../issuer.ts";
import { startProgram } from "../processes.ts";
import type { LoginName } from "../programs/login.ts";
import type { BenchRuntime } from "../workspace.ts";

const GOALS: Readonly<Record<BenchRuntime["family"], number>> = { node: 1.35, bun: 1.6, deno: 1.6 };

const OTHERS: readonly [name: LoginName, label: string, every?: number][] = [
  ["bare", "its listener and requests"],
  ["fresh", "the same, each request on its own connection"],
  ["careful", "the same, and as safe as login()"],
  ["oauth4webapi", "oauth4webapi"],
  ["openidClient", "openid-client"],
  ["msal", "MSAL", 10],
];

/** What a login costs on top of its requests. */
export const login: Topic = {
  name: "login",
  title: "A login",
  about:
    "Logins in one process, with credentials in memory and a `fetch` for a browser, which follows the redirects to the page " +
    "where it ends. The same listener and requests, by hand, use a server of the runtime's own and the connections that its " +
    "`fetch` keeps. This package opens a new connection for each POST, because one that is repeated when a kept " +
    'connection breaks would use up a code or a refresh token. "As safe" adds by hand what else a login needs (RFC 7636, ' +
    "8252, 9700): PKCE, a state and a one-time path, a page under a policy that names its style by a digest, and a browser " +
    "that is sent there only when the tokens have arrived. oauth4webapi and openid-client bring PKCE, `state`, the exchange of " +
    "the code and the userinfo request; they have no listener. MSAL has one, and looks every 100 ms whether it listens; it wants " +
    "the code in a form, reads an ID token instead of asking for the user, and the endpoints of the issuer are given to it.",
  async prepare({ runtimes, resources, isBrief }: Bench): Promise<Group[]> {
    const issuer = await startIssuer();
    resources.defer(() => issuer.close());
    const [first, ...rest] = isBrief ? OTHERS.slice(0, 1) : OTHERS;
    const names = ["own", ...[first!, ...rest].map(([name]) => name)];
    return await Promise.all(runtimes.map(async (runtime): Promise<Group> => {
      const { ask, close } = await startProgram(runtime, "login", { args: [issuer.url, names] });
      resources.defer(close);
      const line = (name: LoginName, label: string, every = 1): Line => ({
        label,
        every,
        async measure() {
          return { value: (await ask(name)).value / 1000 };
        },
      });
      return {
        label: `${runtime.label}: login()`,
        unit: "ms",
        own: line("own", "login()"),
        others: [line(...first!), ...rest.map((other) => line(...other))],
        goal: GOALS[runtime.family],
      };
    }));
  },
};
