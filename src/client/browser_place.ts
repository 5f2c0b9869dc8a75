import type { Runtime } from "../runtime/runtime.ts";

/** Whether a browser that is opened from here can reach the listener, and why not. */
export type BrowserPlace =
  /** `isElsewhere` where the browser may be on another machine, and then end at an address that it cannot open. */
  | { reachable: true; isElsewhere?: boolean }
  | { reachable: false; reason: string };

/** Tells from the environment whether opening a browser makes sense. */
export function browserPlace(runtime: Runtime): BrowserPlace {
  const elsewhere = personIsElsewhere(runtime);
  const chosen = runtime.env("BROWSER");
  if (chosen === "none") return { reachable: false, reason: "BROWSER is set to none" };
  // An editor that is connected to this machine sets it, to open pages on the machine of the person.
  if (chosen) return { reachable: true, isElsewhere: elsewhere !== undefined };
  if (elsewhere) return { reachable: false, reason: elsewhere };
  if (runtime.platform === "linux" && !isWsl(runtime) && !hasDisplay(runtime)) {
    return { reachable: false, reason: "there is no display" };
  }
  return { reachable: true };
}

/** Why no person sits in front of this machine. */
function personIsElsewhere(runtime: Runtime): string | undefined {
  const has = (name: string) => runtime.env(name) !== undefined;
  if (["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].some(has)) return "this is an SSH session";
  if (has("CODESPACES")) return "this is a codespace";
  if (has("CI")) return "this is a CI job";
  if (has("KUBERNETES_SERVICE_HOST")) return "this is a Kubernetes pod";
  // One that has got the display of its host has got its network as well, or a browser of its own.
  return isContainer(runtime) && !hasDisplay(runtime) ? "this is a container" : undefined;
}

/** As systemd, Podman and Docker mark their containers. */
function isContainer(runtime: Runtime): boolean {
  return runtime.env("container") !== undefined ||
    ["/.dockerenv", "/run/.containerenv"].some((path) => runtime.exists(path));
}

function isWsl({ env }: Runtime): boolean {
  return (env("WSL_DISTRO_NAME") ?? env("WSL_INTEROP")) !== undefined;
}

function hasDisplay({ env }: Runtime): boolean {
  return (env("DISPLAY") ?? env("WAYLAND_DISPLAY")) !== undefined;
}
