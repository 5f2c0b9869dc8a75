/** Signs in, by this package and by a bare listener in turns; writes the times in milliseconds. */
import { ClerkCliAuth } from "@clerk/cli-auth";
import { finish, readArguments } from "./support/arguments.ts";
import { bareLogin } from "./support/bare_login.ts";

/** How long each login took. */
export interface LoginTimes {
  floor: number[];
  own: number[];
}

/** What comes before counts for nothing: compilers have still to learn the code. */
const WARM_UP = 20;

const [issuer, rounds] = readArguments<[string, number]>();

/** The browser of a person who is signed in at the issuer: it follows the redirects and reads the page. */
async function browse(url: string): Promise<void> {
  const response = await fetch(url);
  await response.text();
}

async function ownLogin(): Promise<void> {
  const auth = new ClerkCliAuth({
    clientId: "bench",
    issuer,
    storage: "memory",
    scopes: ["email"],
    ui: "none",
    openBrowser: browse,
  });
  await auth.login();
}

async function timed(task: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

const times: LoginTimes = { floor: [], own: [] };
for (let round = -WARM_UP; round < rounds; round++) {
  const [own, floor] = [await timed(ownLogin), await timed(() => bareLogin(issuer, browse))];
  if (round < 0) continue;
  times.own.push(own);
  times.floor.push(floor);
}
finish(times);
