/**
 * Records a sign-in of the example CLI for the README: in a pseudo-terminal and in Chromium, against an emulator of Clerk,
 * the example's backend and a keychain. What differs from run to run is made the same. Writes docs/login.svg.
 *
 *     deno run -A --no-lock scripts/deno.ts run -A scripts/record_login.ts
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";
import { notesBackend } from "../examples/notes/backend.ts";
import { type Page, startChromium } from "../tests/harness/chromium.ts";
import { startKeyring } from "../tests/harness/keyring.ts";
import { ROOT } from "./deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";

/** What the browser showed. */
interface View {
  url: string;
  style: string;
  body: string;
}

/** What comes into view at a time, in seconds: a line at the terminal, or a page that replaces the one before. */
type Event = { at: number; line: string } | { at: number; view: View };

const SECONDS = 15;
const LINE_HEIGHT = 20;
/** The pages are laid out in this size, then drawn smaller. */
const PAGE = { width: 660, height: 648, scale: 0.62 };

const DENO = [Deno.execPath(), "run", "--quiet", "-A", "-c", path(CONFIG_FILE[currentRegistry()])];

const STYLE = `
svg { --window: #fff; --bar: #eff2f5; --line: #d1d9e0; --text: #1f2328; --quiet: #59636e; --done: #1a7f37; font-size: 16px }
@media (prefers-color-scheme: dark) { svg { --window: #0d1117; --bar: #1c2128; --line: #3d444d; --text: #f0f6fc;
  --quiet: #9198a1; --done: #3fb950 } }
.window { fill: var(--window); stroke: var(--line) } .bar { fill: var(--bar) } .field { fill: var(--window) }
text { font: 12.5px ui-monospace, Menlo, Consolas, monospace; fill: var(--text); white-space: pre }
.quiet { fill: var(--quiet) } .done { fill: var(--done) }
.event { animation: ${SECONDS}s step-end infinite } .past { visibility: hidden }
@media (prefers-reduced-motion: reduce) { .event { animation: none !important } }
`;

if (import.meta.main) await Deno.writeTextFile(new URL("docs/login.svg", ROOT), draw(await record()));

async function record(): Promise<Event[]> {
  const emulator = createEmulator();
  const { clientId } = emulator.createApplication({ name: "Notes" });
  const [{ issuer, close }, keyring, browser] = await Promise.all([
    emulator.listen(),
    startKeyring(),
    startChromium(),
  ]);
  const backend = notesBackend(cliAuth({
    clientConfig: { secretKey: emulator.secretKey, apiUrl: issuer, telemetry: { disabled: true } },
    clientIds: [clientId],
  }));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => backend.fetch(request),
  );
  const env = {
    ...keyring.env,
    NOTES_CLIENT_ID: clientId,
    NOTES_ISSUER: issuer,
    NOTES_API: `http://127.0.0.1:${server.addr.port}`,
    BROWSER: "true",
    DISPLAY: ":0",
    TERM: "dumb", // Nothing that is drawn over and over.
    NO_COLOR: "1",
    SHELL: "/bin/sh",
  };
  const events: Event[] = [];
  const say = (at: number, ...lines: string[]) =>
    events.push(...lines.map(alike).flatMap(wrapped).map((line) => ({ at, line })));
  const login = startInTerminal("login", env);
  const waiting = await login.until("sign in …");
  say(0.5, "$ notes login");
  say(1.2, ...waiting);
  const page = await browser.context.newPage();
  const show = async (at: number) => events.push({ at, view: await viewOf(page, issuer) });
  await page.goto(waiting.find((line) => line.startsWith("http"))!);
  await show(1.8);
  await page.getByLabel("Email address").fill("ada@example.com");
  await show(3.2);
  await page.getByRole("button", { name: "Continue" }).click();
  await show(4.4);
  await page.getByRole("button", { name: "Allow" }).click();
  await show(6.6);
  say(7, ...await login.rest(), "");
  for (const [index, command] of ["add Buy milk", "list"].entries()) {
    say(8.8 + index * 1.6, `$ notes ${command}`);
    say(9.4 + index * 1.6, ...await startInTerminal(command, env).rest(), "");
  }
  await Promise.all([close(), keyring.close(), browser.close(), server.shutdown()]);
  return events;
}

/** Runs a command in a pseudo-terminal, whose lines come in two parts: those up to some text, and the rest. */
function startInTerminal(command: string, env: Record<string, string>) {
  const words = [...DENO, path("examples/notes/main.ts"), ...command.split(" ")];
  const line = words.map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", line, "/dev/null"],
    env,
    stdin: "null",
    stdout: "piped",
  })
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (text?: string) => {
    let output = "";
    while (text === undefined || !output.includes(text)) {
      const { value, done } = await reader.read();
      if (done) break;
      output += value;
    }
    const lines = output.replaceAll("\r\n", "\n").replace("^D\b\b", "").trimEnd().split("\n");
    return output.trim() === "" ? [] : lines;
  };
  return { until, rest: () => until() };
}

/** The page as XML, without what is only there for its server. */
async function viewOf(page: Page, issuer: string): Promise<View> {
  const { style, body } = await page.evaluate(() => {
    document.querySelectorAll("input").forEach((field) => field.setAttribute("value", field.value));
    const style = document.querySelector("style")!.textContent;
    const copy = document.body.cloneNode(true) as HTMLElement;
    copy.querySelectorAll("[type=hidden], script").forEach((element) => element.remove());
    return { style, body: new XMLSerializer().serializeToString(copy) };
  });
  const url = page.url().startsWith(issuer) ? "clerk.example.com" : "127.0.0.1";
  return { url: alike(url + new URL(page.url()).pathname), style, body: alike(body) };
}

/** Replaces what no two runs have in common. */
function alike(text: string): string {
  return text
    .replace(/^http:\/\/[^/]+(\/oauth\/authorize\?).*/, "https://clerk.example.com$1…")
    .replace(/127\.0\.0\.1:\d+/, "127.0.0.1:49152")
    .replace(/(\/done\/)[\w-]+/, "$1…");
}

/** A line as it fits the terminal. */
function wrapped(line: string): string[] {
  return line.match(/.{1,56}(?: +|$)/g) ?? [line];
}

/** Draws both windows. An event is hidden until its time comes, and a page when the next one replaces it. */
function draw(events: readonly Event[]): string {
  const views = events.filter((event) => "view" in event);
  const styles = [...new Set(views.map(({ view }) => view.style))];
  const keyframes = events.map((event, index) => {
    const next = "view" in event ? views[views.indexOf(event) + 1] : undefined;
    const end = next ? `${percent(next.at)}{visibility:hidden}` : "";
    return `@keyframes e${index}{0%{visibility:hidden}${percent(event.at)}{visibility:visible}${end}}`;
  });
  let row = 0;
  const drawn = events.map((event, index) => {
    const isPast = "view" in event && event !== views.at(-1);
    const content = "line" in event
      ? drawLine(event.line, row++)
      : drawView(event.view, `page${styles.indexOf(event.view.style)}`);
    return `<g class="event${isPast ? " past" : ""}" style="animation-name:e${index}">${content}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 440" role="img">
<title>A sign-in: "notes login" opens the browser, Ada signs in and allows access, the terminal says who is signed in</title>
<style>${STYLE}${escape(styles.map(scoped).join("\n"))}
${keyframes.join("\n")}</style>
${drawWindow(0, 452)}<text class="quiet" x="226" y="22" text-anchor="middle">Terminal</text>
${drawWindow(468, 412)}<rect class="field" x="546" y="8" width="300" height="20" rx="10"/>
${drawn.join("\n")}
</svg>
`;
}

function drawWindow(x: number, width: number): string {
  const dots = [16, 34, 52].map((dot) => `<circle cx="${x + dot}" cy="18" r="5" fill="var(--line)"/>`).join(
    "",
  );
  return `<rect class="window" x="${x + 0.5}" y="0.5" width="${width - 1}" height="439" rx="10"/>
<path class="bar" d="M${x + 1} 36V11a10 10 0 0 1 10-10H${x + width - 11}a10 10 0 0 1 10 10V36z"/>${dots}`;
}

function drawLine(line: string, row: number): string {
  const kind = line.startsWith("✓") ? "done" : line.startsWith("$") ? "" : "quiet";
  return `<text class="${kind}" x="16" y="${62 + row * LINE_HEIGHT}">${escape(line)}</text>`;
}

function drawView({ url, body }: View, name: string): string {
  const { width, height, scale } = PAGE;
  return `<text class="quiet" x="696" y="22" text-anchor="middle">${escape(url)}</text>` +
    `<foreignObject transform="translate(469 36) scale(${scale})" width="${width}" height="${height}">` +
    `<div xmlns="http://www.w3.org/1999/xhtml" class="${name}">${
      body.replaceAll(/>\s+</g, "><")
    }</div></foreignObject>`;
}

/** The style sheet of a page, for that page alone. */
function scoped(style: string, index: number): string {
  const own = style.replaceAll(":root", "&").replaceAll("100vh", `${PAGE.height}px`)
    .replaceAll(/(\d+)vh/g, (_, value) => `${value * PAGE.height / 100}px`);
  return `.page${index} {${own}}`;
}

function percent(at: number): string {
  return `${Math.round(at / SECONDS * 1000) / 10}%`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function path(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}
