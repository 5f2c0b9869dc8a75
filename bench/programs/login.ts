/** Signs in by this package, by others and by a bare listener in turns. */
import { bareLogin, freshLogin } from "./logins/bare.ts";
import { carefulLogin } from "./logins/careful.ts";
import { googleLogin } from "./logins/google.ts";
import type { Login } from "./logins/login.ts";
import { msalLogin } from "./logins/msal.ts";
import { oauth4webapiLogin } from "./logins/oauth4webapi.ts";
import { openidClientLogin } from "./logins/openid_client.ts";
import { ownLogin } from "./logins/own.ts";
import { finish, readArguments } from "./support/arguments.ts";
import { browse } from "./support/browse.ts";
import { contest } from "./support/contest.ts";

/** Who signs in. */
export type LoginName =
  | "floor"
  | "fresh"
  | "careful"
  | "own"
  | "oauth4webapi"
  | "openidClient"
  | "google"
  | "msal";

const LOGINS: Readonly<Record<LoginName, Login>> = {
  own: ownLogin,
  floor: bareLogin,
  fresh: freshLogin,
  careful: carefulLogin,
  oauth4webapi: oauth4webapiLogin,
  openidClient: openidClientLogin,
  google: googleLogin,
  msal: msalLogin,
};

/** MSAL looks every 100 ms whether its listener has begun to listen. */
const EVERY: Partial<Record<LoginName, number>> = { msal: 10 };

const [issuer, rounds, warmUp] = readArguments<[string, number, number]>();
const options = { issuer, clientId: "bench", browse };
const tasks = Object.entries(LOGINS).map(([name, login]) => [name, () => login(options)]);
finish(await contest(Object.fromEntries(tasks), { rounds, calls: 1, warmUp, every: EVERY }));
