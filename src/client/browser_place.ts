import type { Runtime } from "../runtime/runtime.ts";

/** Whether a browser that is opened from here can reach the listener, and why not. */
export type BrowserPlace = { reachable: true } | { reachable: false; reason: string };

/** Tells from the environment whether opening a browser makes sense. */
export function browserPlace(runtime: Runtime): BrowserPlace {
  const env = (name: string) => runtime.env(name);
  if (env("BROWSER") === "none") return { reachable: false, reason: "BROWSER is set to none" };
  if (env("BROWSER")) return { reachable: true };
  if (env("SSH_CONNECTION") ?? env("SSH_TTY")) return { reachable: false, reason: "this is an SSH session" };
  if (env("CODESPACES")) return { reachable: false, reason: "this is a codespace" };
  if (env("CI")) return { reachable: false, reason: "this is a CI job" };
  if (
    runtime.platform === "linux" && !env("WSL_DISTRO_NAME") && !(env("DISPLAY") ?? env("WAYLAND_DISPLAY"))
  ) {
    return { reachable: false, reason: "there is no display" };
  }
  return { reachable: true };
}
