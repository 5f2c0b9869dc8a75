/** The value of an environment variable; `undefined` if it is unset, empty or may not be read. */
export type ReadVariable = (name: string) => string | undefined;

/** Where variables are found: each runtime has some of this among its globals. */
export interface Host {
  Deno?: {
    env: { get(name: string): string | undefined };
    permissions?: { querySync?(descriptor: { name: "env"; variable: string }): { state: string } };
  };
  process?: { env?: Record<string, string | undefined> };
}

/** Reads a variable from the environment of the process: from Deno, else from Node, Bun or a Worker. */
export function readVariable(name: string, host: Host = globalThis as Host): string | undefined {
  const { Deno } = host;
  if (!Deno) return host.process?.env?.[name] || undefined;
  // Asked first: reading without the permission would prompt on a terminal.
  const state = Deno.permissions?.querySync?.({ name: "env", variable: name }).state ?? "granted";
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

/** A variable in what a platform passes along with a request: Workers pass their bindings, Deno and Bun other things. */
export function variableIn(env: unknown, name: string): string | undefined {
  const value = typeof env === "object" && env !== null ? (env as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a variable from what the platform passes along with a request, else from the environment of the process. */
export function variablesOf(env: unknown): ReadVariable {
  return (name) => variableIn(env, name) ?? readVariable(name);
}
