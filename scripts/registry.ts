/** Where the modules of `@std` come from: JSR, or the npm registry on networks without JSR. */
export type Registry = "jsr" | "npm";

/** Overrides the choice. The launcher also sets it for its child processes, so that only the first one asks. */
export const REGISTRY_VARIABLE = "CLI_AUTH_REGISTRY";

/** The configuration for each registry. */
export const CONFIG_FILE: Readonly<Record<Registry, string>> = { jsr: "deno.json", npm: "deno.npm.json" };

/** Where JSR is, unless `JSR_URL` says otherwise. */
export const PUBLIC_JSR_URL = "https://jsr.io/";

const PROBE_TIMEOUT_MS = 3_000;

/**
 * Returns the registry chosen by {@linkcode REGISTRY_VARIABLE}; `undefined` if none. Throws a `TypeError` if the value
 * is neither `jsr` nor `npm`.
 */
export function chosenRegistry(value: string | undefined): Registry | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "jsr" || value === "npm") return value;
  throw new TypeError(
    `Cannot choose a registry as '${REGISTRY_VARIABLE}' must be 'jsr' or 'npm': got '${value}'`,
  );
}

/** The registry that the launcher chose for this process. A script started without it uses what always works. */
export function currentRegistry(): Registry {
  return chosenRegistry(Deno.env.get(REGISTRY_VARIABLE)) ?? "npm";
}

/** Whether a JSR registry at a URL responds with the metadata of a package. */
export async function jsrAnswers(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("@std/assert/meta.json", url), {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    // A captive portal also responds 200. Only a package's metadata counts.
    const metadata: unknown = await response.json();
    return response.ok && typeof metadata === "object" && metadata !== null && "versions" in metadata;
  } catch {
    // Whatever went wrong, JSR cannot be used.
    return false;
  }
}
