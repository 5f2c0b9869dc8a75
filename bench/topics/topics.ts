import type { Topic } from "../bench.ts";
import { bundle } from "./bundle.ts";
import { handle } from "./handle.ts";
import { imports } from "./imports.ts";
import { install } from "./install.ts";
import { refresh } from "./refresh.ts";
import { lock } from "./lock.ts";
import { login } from "./login.ts";
import { store } from "./store.ts";
import { storm } from "./storm.ts";
import { token } from "./token.ts";
import { verification } from "./verification.ts";

/** Everything that is measured, in the order of the report. */
export const TOPICS: readonly Topic[] = [
  install,
  imports,
  token,
  refresh,
  login,
  store,
  lock,
  storm,
  verification,
  handle,
  bundle,
];
