import type { ResolvedPageOptions, SchemeColors } from "./page_options.ts";

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --ground: #f6f7f9; --card: #fff; --line: #d9dee3;
  --success: #1a7f37; --failure: #b42318; --neutral: #57606a }
@media (prefers-color-scheme: dark) { :root { --text: #f0f3f6; --quiet: #a9b3bd; --ground: #101418; --card: #1a1f25;
  --line: #313a44; --success: #4ac26b; --failure: #ff8577; --neutral: #a9b3bd } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
main { width: 100%; max-width: 27rem; padding: 2.5rem 2rem; border: 1px solid var(--line); border-radius: 1rem;
  background: var(--card); text-align: center; overflow-wrap: anywhere }
svg { width: 3.25rem; height: 3.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
  stroke-linejoin: round }
.success { color: var(--success) } .failure { color: var(--failure) } .neutral { color: var(--neutral) }
h1, p { text-wrap: balance }
h1 { margin: 1rem 0 .5rem; font-size: 1.4rem; line-height: 1.25 }
p { margin: .5rem 0 0; color: var(--quiet) } p:first-of-type { color: var(--text) }
`;

/** The style sheet of the pages. Text stands on a card of our own colours, so that no choice makes it unreadable. */
export function pageStyle(
  { accent, background }: Pick<ResolvedPageOptions, "accent" | "background">,
): string {
  return STYLE + variable("success", accent) + variable("ground", background);
}

function variable(name: string, colors: SchemeColors | undefined): string {
  if (!colors) return "";
  const rule = (color: string) => `:root { --${name}: ${color} }`;
  return `${rule(colors.light)}\n@media (prefers-color-scheme: dark) { ${rule(colors.dark)} }\n`;
}
