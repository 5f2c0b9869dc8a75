import type { Runtime } from "../runtime/runtime.ts";

/** A program with its arguments. */
type Command = readonly [program: string, ...args: string[]];

/** How long a launcher may take to fail, in milliseconds; one that still runs then has opened something. */
const LAUNCH_MS = 2000;

/**
 * Opens a URL in the browser of the system; the first launcher that works is used. The URL goes to it as one argument,
 * through no shell.
 *
 * @param over Aborts when it no longer matters: nothing of this then keeps the process alive.
 * @returns whether a launcher worked.
 */
export async function openInBrowser(runtime: Runtime, url: string, over: AbortSignal): Promise<boolean> {
  const { protocol } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return false;
  for (const command of launchers(runtime, url)) {
    if (await launches(runtime, command, over)) return true;
  }
  return false;
}

/** The launchers worth a try, best first. */
export function launchers(runtime: Runtime, url: string): Command[] {
  const preferred = runtime.env("BROWSER");
  if (preferred) return preferred.split(":").filter(Boolean).map((entry) => preferredCommand(entry, url));
  const windows: Command = [rundll32(runtime), "url.dll,FileProtocolHandler", url];
  if (runtime.platform === "windows") return [windows];
  if (runtime.platform === "darwin") return [["open", url]];
  if (runtime.env("WSL_DISTRO_NAME") ?? runtime.env("WSL_INTEROP")) {
    return [["wslview", url], windows, ["xdg-open", url]];
  }
  return [["xdg-open", url]];
}

/**
 * On Windows, Node and Bun look for a program in the working folder first, which may be a stranger's. Deno looks in PATH
 * alone, and is permitted to run it by its name.
 */
function rundll32({ name, platform, env }: Runtime): string {
  const folder = platform === "windows" && name !== "deno" ? env("SystemRoot") : undefined;
  return folder === undefined ? "rundll32.exe" : `${folder}\\System32\\rundll32.exe`;
}

/** One entry of `$BROWSER`: a program, maybe with arguments; `%s` stands for the URL, which else comes last. */
function preferredCommand(entry: string, url: string): Command {
  const [program = "", ...args] = entry.trim().split(/\s+/);
  const filled = args.map((arg) => arg.replaceAll("%s", () => url));
  return [program, ...(args.some((arg) => arg.includes("%s")) ? filled : [...filled, url])];
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
    return false; // It is not installed, or may not be run: the next one may do.
  } finally {
    clearTimeout(timer);
  }
}
