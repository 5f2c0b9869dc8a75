import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { ClientContext } from "../context.ts";
import type { LoginTerminal } from "./terminal.ts";

/**
 * How the user reaches the authorization page. `browser` opens one anywhere, `paste` opens none and asks for
 * the URL that the user's browser ended up on, `auto` depends on the environment.
 */
export type BrowserMethod = "auto" | "browser" | "paste";

/** Where to send the user. */
interface Destination {
  url: string;
  method: BrowserMethod;
  terminal: LoginTerminal;
  /** Aborts when the login no longer waits for the user. */
  over: AbortSignal;
}

/**
 * Shows the URL and opens it in a browser.
 *
 * @returns Whether the browser can reach the listener. If not, the user may have to paste the URL.
 * @throws {ClerkCliAuthError} `no_browser` if no browser opened and nobody could open the URL by hand.
 */
export async function sendToBrowser(
  context: ClientContext,
  { url, method, terminal, over }: Destination,
): Promise<boolean> {
  terminal.showUrl(url, { opensBrowser: browserChoice(context, method) !== "none" });
  const failure = await browserFailure(context, { url, method, over });
  context.emit({ type: "browser", opened: !failure, ...(failure && { reason: failure.reason }) });
  if (!failure) return !mayBeElsewhere(context);
  if (!canOpenByHand(context)) throw noBrowser(context, failure);
  const isExpected = method === "paste" || over.aborted;
  if (!isExpected) terminal.warn(`No browser was opened: ${failure.reason}. Open the URL above yourself.`);
  return false;
}

interface BrowserFailure {
  reason: string;
  cause?: unknown;
}

async function browserFailure(
  { config, runtime }: ClientContext,
  { url, method, over }: Omit<Destination, "terminal">,
): Promise<BrowserFailure | undefined> {
  if (method === "paste") return { reason: "none was asked for" };
  if (config.openBrowser) {
    try {
      return await config.openBrowser(url) === false
        ? { reason: "this program did not open one" }
        : undefined;
    } catch (cause) {
      return { reason: "this program failed to open one", cause };
    }
  }
  const place = browserPlace(runtime);
  if (method === "auto" && !place.reachable) return { reason: place.reason };
  return await openInBrowser(runtime, url, over) ? undefined : { reason: "no program here could open it" };
}

/** Reports whether the opened browser may be on another machine. A custom opener does not tell. */
function mayBeElsewhere({ config, runtime }: ClientContext): boolean {
  if (config.openBrowser) return false;
  const place = browserPlace(runtime);
  return place.reachable && place.isElsewhere === true;
}

/** Reports whether the user can see the URL. */
function canOpenByHand({ config, runtime }: ClientContext): boolean {
  const isShown = config.ui === "auto" || config.onEvent !== undefined;
  return isShown && runtime.terminal.isInteractive("stderr");
}

function noBrowser(
  { config: { tokenEnvVar } }: ClientContext,
  { reason, cause }: BrowserFailure,
): ClerkCliAuthError {
  return new ClerkCliAuthError("no_browser", `No browser can be opened here: ${reason}`, {
    action: tokenEnvVar
      ? `Set ${tokenEnvVar} to an API key`
      : "Sign in from a terminal, or on a machine with a browser",
    cause,
  });
}

/** Predicts whether a login opens a browser, and where. */
export function browserChoice(
  { config, runtime }: ClientContext,
  method: BrowserMethod,
): "none" | "here" | "elsewhere" {
  if (method === "paste") return "none";
  if (method === "browser" || config.openBrowser) return "here"; // As far as we know.
  const place = browserPlace(runtime);
  if (!place.reachable) return "none";
  return place.isElsewhere ? "elsewhere" : "here";
}

/** Whether a browser opened from here can reach the listener, and why not. */
export type BrowserPlace =
  /** `isElsewhere` if the browser may be on another machine, where it cannot reach the listener. */
  | { reachable: true; isElsewhere?: boolean }
  | { reachable: false; reason: string };

/** Decides from the environment whether to open a browser. */
export function browserPlace(runtime: Runtime): BrowserPlace {
  const elsewhere = personIsElsewhere(runtime);
  const chosen = runtime.env("BROWSER");
  if (chosen === "none") return { reachable: false, reason: "BROWSER is set to none" };
  // An editor connected to this machine sets it, to open pages on the user's machine.
  if (chosen) return { reachable: true, isElsewhere: elsewhere !== undefined };
  if (elsewhere) return { reachable: false, reason: elsewhere };
  if (runtime.platform === "linux" && !isWsl(runtime) && !hasDisplay(runtime)) {
    return { reachable: false, reason: "there is no display" };
  }
  return { reachable: true };
}

/** Says why nobody sits in front of this machine. */
function personIsElsewhere(runtime: Runtime): string | undefined {
  const has = (name: string) => runtime.env(name) !== undefined;
  if (["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].some(has)) return "this is an SSH session";
  if (has("CODESPACES")) return "this is a codespace";
  if (has("CI")) return "this is a CI job";
  if (has("KUBERNETES_SERVICE_HOST")) return "this is a Kubernetes pod";
  // A container with its host's display also has its network, or a browser of its own.
  return isContainer(runtime) && !hasDisplay(runtime) ? "this is a container" : undefined;
}

/** The markers of systemd, Podman and Docker. */
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

type Command = readonly [program: string, ...args: string[]];

/** How long to wait for a launcher to fail, in milliseconds. If it still runs, it has opened something. */
const LAUNCH_MS = 2000;

/**
 * Opens a URL in the system's browser with the first launcher that works. The URL is a single argument and
 * never passes through a shell.
 *
 * @param over Aborts when it no longer matters; nothing then keeps the process alive.
 * @returns Whether a launcher worked.
 */
export async function openInBrowser(runtime: Runtime, url: string, over: AbortSignal): Promise<boolean> {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return false;
  for (const command of launchers(runtime, url)) {
    if (await launches(runtime, command, over)) return true;
  }
  return false;
}

/** Lists the launchers to try, best first. */
function launchers(runtime: Runtime, url: string): Command[] {
  const isWindows = runtime.platform === "windows";
  const entries = (runtime.env("BROWSER") ?? "").split(isWindows ? ";" : ":").filter(Boolean);
  const preferred = entries.map((entry) => preferredCommand(entry, { url, isWindows }));
  const windows: Command = [rundll32(runtime), "url.dll,FileProtocolHandler", url];
  if (isWindows) return [...preferred, windows]; // Not a convention on Windows: it may be stale.
  if (preferred.length > 0) return preferred;
  if (runtime.platform === "darwin") return [["open", url]];
  if (runtime.env("WSL_DISTRO_NAME") ?? runtime.env("WSL_INTEROP")) {
    return [["wslview", url], windows, ["xdg-open", url]];
  }
  return [["xdg-open", url]];
}

/**
 * On Windows, Node and Bun search the working directory first, which may be a stranger's. Deno only searches
 * PATH and may only be permitted to run the bare name.
 */
function rundll32({ name, platform, env }: Runtime): string {
  const directory = platform === "windows" && name !== "deno" ? env("SystemRoot") : undefined;
  return directory === undefined ? "rundll32.exe" : `${directory}\\System32\\rundll32.exe`;
}

/** On Windows a program is in quotes or ends at `.exe`, because its path may contain spaces. */
const WINDOWS_PROGRAM = /^(?:"[^"]+"|.+?\.exe(?=\s|$)|\S+)/i;

/** Parses an entry of `$BROWSER`: a program with optional arguments. The URL replaces `%s` or comes last. */
function preferredCommand(entry: string, { url, isWindows }: { url: string; isWindows: boolean }): Command {
  const text = entry.trim();
  const [program = ""] = (isWindows ? WINDOWS_PROGRAM : /\S+/).exec(text) ?? [];
  const args = text.slice(program.length).split(/\s+/).filter(Boolean);
  const filled = args.map((arg) => arg.replaceAll("%s", () => url));
  const all = args.some((arg) => arg.includes("%s")) ? filled : [...filled, url];
  return [program.replaceAll('"', ""), ...all];
}

async function launches(
  { programs }: Runtime,
  [program, ...args]: Command,
  over: AbortSignal,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const { exited } = await programs.launch(program, args);
    const stillRunning = new Promise<number>((resolve) => {
      timer = setTimeout(resolve, over.aborted ? 0 : LAUNCH_MS, 0);
      over.addEventListener("abort", () => resolve(0), { once: true });
    });
    return await Promise.race([exited, stillRunning]) === 0;
  } catch {
    return false; // Not installed or not permitted: try the next one.
  } finally {
    clearTimeout(timer);
  }
}
