/** The value of an environment variable: `undefined` if it is unset, `null` if it may not be read. */
export type ReadVariable = (name: string) => string | null | undefined;

/** Where variables are found: each runtime has some of this among its globals. */
export interface Host {
  Deno?: {
    env: { get(name: string): string | undefined };
    permissions?: { querySync?(descriptor: { name: "env"; variable: string }): { state: string } };
  };
  process?: { env?: Record<string, string | undefined> };
}

/** Reads a variable from the environment of the process: from Deno, else from Node, Bun or a Worker. */
export function readVariable(name: string, host: Host = globalThis as Host): string | null | undefined {
  const { Deno } = host;
  if (!Deno) return host.process?.env?.[name];
  // Asked first: reading without the permission would prompt on a terminal.
  const state = Deno.permissions?.querySync?.({ name: "env", variable: name }).state ?? "granted";
  return state === "granted" ? Deno.env.get(name) : null;
}

/**
 * A variable in what a platform passes along with a request: Workers pass their bindings, Deno and Bun other things.
 * A binding that is not text counts as empty.
 */
export function variableIn(env: unknown, name: string): string | undefined {
  const value = typeof env === "object" && env !== null ? (env as Record<string, unknown>)[name] : undefined;
  return value === undefined || typeof value === "string" ? value : "";
}

/** Reads a variable from what the platform passes along with a request, else from the environment of the process. */
export function variablesOf(env: unknown): ReadVariable {
  return (name) => variableIn(env, name) ?? readVariable(name);
}

/** The environment of the process, as an object such as Workers pass. */
const PROCESS_ENV: object = new Proxy({}, {
  get: (_, name) => typeof name === "string" ? readVariable(name) ?? undefined : undefined,
});

/**
 * The environment that a platform passes along with a request. That of the process for Deno, Bun and `@hono/node-server`,
 * which pass something else.
 */
export function environmentOf(passed: unknown): object {
  if (typeof passed !== "object" || passed === null) return PROCESS_ENV;
  const has = (...names: string[]) => names.every((name) => name in passed);
  const isOther = has("remoteAddr", "completed") || has("requestIP", "port") || has("incoming", "outgoing");
  return isOther ? PROCESS_ENV : passed;
}

let factoryEnv: unknown;

/** Calls a factory. The verifiers that it creates read their variables from `env`, unless it gives them another. */
export function withEnv<T>(env: unknown, factory: () => T): T {
  const outer = factoryEnv;
  factoryEnv = env;
  try {
    return factory();
  } finally {
    factoryEnv = outer;
  }
}

/** What the factory that is running was called with; `undefined` outside one. */
export function envOfFactory(): unknown {
  return factoryEnv;
}
