import type { ClientContext } from "./context.ts";

/** What a login shows at the terminal, on standard error. */
export interface LoginTerminal {
  showUrl(url: string): void;
  showBrowserFailure(reason: string): void;
}

/** The terminal of a login: silent where nobody looks or nobody asked for it. */
export function loginTerminal({ config, runtime }: ClientContext): LoginTerminal {
  const { terminal } = runtime;
  const isShown = config.ui === "auto" && terminal.isInteractive("stderr");
  const write = (text: string) => isShown && terminal.write(text);
  return {
    showUrl: (url) =>
      write(`Sign in${config.appName ? ` to ${config.appName}` : ""} in your browser:\n\n${url}\n\n`),
    showBrowserFailure: (reason) => write(`No browser was opened (${reason}): open the address above.\n`),
  };
}
