/** Reads an environment variable: `undefined` if it is unset, `null` if reading it is not permitted. */
export type ReadVariable = (name: string) => string | null | undefined;

/** The globals that contain variables, depending on the runtime. */
export interface Host {
  Deno?: {
    env: { get(name: string): string | undefined };
    permissions?: { querySync?(descriptor: { name: "env"; variable: string }): { state: string } };
  };
  process?: { env?: Record<string, string | undefined> };
}

/** Reads a variable of the process: from Deno, or else from Node, Bun or a Worker. */
export function readVariable(name: string, host: Host = globalThis as Host): string | null | undefined {
  const { Deno } = host;
  if (!Deno) return host.process?.env?.[name];
  // Query first: reading without permission would prompt on a terminal.
  const state = Deno.permissions?.querySync?.({ name: "env", variable: name }).state ?? "granted";
  return state === "granted" ? Deno.env.get(name) : null;
}

/**
 * Reads a variable from what a platform passes with a request: bindings on Workers, other things on Deno and
 * Bun. A binding that is not text counts as empty.
 */
export function variableIn(env: unknown, name: string): string | undefined {
  const value = typeof env === "object" && env !== null ? (env as Record<string, unknown>)[name] : undefined;
  return value === undefined || typeof value === "string" ? value : "";
}

/** Reads variables from what the platform passes with a request, or else from the process. */
export function variablesOf(env: unknown): ReadVariable {
  return (name) => variableIn(env, name) ?? readVariable(name);
}

/** The variables of the process, as an object like the one that Workers pass. */
const PROCESS_ENV: object = new Proxy({}, {
  get: (_, name) => typeof name === "string" ? readVariable(name) ?? undefined : undefined,
});

/**
 * Returns the environment that a platform passes with a request, or that of the process for Deno, Bun and
 * `@hono/node-server`, which pass something else.
 */
export function environmentOf(passed: unknown): object {
  if (typeof passed !== "object" || passed === null) return PROCESS_ENV;
  const has = (...names: string[]) => names.every((name) => name in passed);
  const isOther = has("remoteAddr", "completed") || has("requestIP", "port") || has("incoming", "outgoing");
  return isOther ? PROCESS_ENV : passed;
}

let factoryEnv: unknown;

/** Calls a factory whose verifiers read their variables from `env` by default. */
export function withEnv<T>(env: unknown, factory: () => T): T {
  const outer = factoryEnv;
  factoryEnv = env;
  try {
    return factory();
  } finally {
    factoryEnv = outer;
  }
}

/** Returns what the running factory was called with; `undefined` outside one. */
export function envOfFactory(): unknown {
  return factoryEnv;
}
