/** What happened to one test. */
export interface TestResult {
  /** The names of its suites and its own, joined by ` > `. */
  name: string;
  outcome: "passed" | "failed" | "skipped";
  /** What a failed test threw. */
  message?: string;
}

interface Element {
  tag: string;
  name: string;
  message: string;
  children: Element[];
  text: string;
}

/**
 * Reads the tests of a JUnit report. Only leaves count: Deno reports a suite as a test beside its tests, Node and Bun
 * nest them.
 *
 * @param xml The report.
 * @returns The tests, in the order of the report.
 */
export function readJunit(xml: string): TestResult[] {
  const cases: TestResult[] = [];
  collect(parse(xml), [], cases);
  return cases.filter((result) => !isSuite(result, cases) && !isEmptyFile(result));
}

function collect(element: Element, path: string[], cases: TestResult[]): void {
  for (const child of element.children) {
    const childPath = child.name === "" ? path : [...path, child.name];
    if (child.tag === "testcase") cases.push(toResult(child, childPath.join(" > ")));
    else collect(child, isFile(child.name) ? path : childPath, cases);
  }
}

function toResult({ children }: Element, name: string): TestResult {
  if (children.some(({ tag }) => tag === "skipped")) return { name, outcome: "skipped" };
  const failure = children.find(({ tag }) => tag === "failure" || tag === "error");
  if (failure === undefined) return { name, outcome: "passed" };
  return { name, outcome: "failed", message: failure.text.trim() === "" ? failure.message : failure.text };
}

/** A suite stands for nothing of its own, unless a hook of it failed: then its tests did not. */
function isSuite({ name, outcome }: TestResult, cases: TestResult[]): boolean {
  const inside = cases.filter((other) => other.name.startsWith(`${name} > `));
  if (inside.length === 0) return false;
  return outcome !== "failed" || inside.some((other) => other.outcome === "failed");
}

/** Node takes a file that registers no test for one that passed. */
function isEmptyFile({ name, outcome }: TestResult): boolean {
  return outcome === "passed" && name.startsWith("/") && isFile(name);
}

/** The outer suites of Deno and Bun are the files. */
function isFile(name: string): boolean {
  return /\.[jt]s$/.test(name) || name.startsWith("deno ") || name === "bun test";
}

function parse(xml: string): Element {
  const root: Element = { tag: "", name: "", message: "", children: [], text: "" };
  const open = [root];
  // Node leaves `>` in attributes as it is.
  for (const [, close, tag, attributes, empty, text] of xml.matchAll(TOKEN)) {
    const parent = open.at(-1) ?? root;
    if (text !== undefined) parent.text += decode(text);
    if (close !== undefined) open.pop();
    if (tag === undefined) continue;
    const [name, message] = ["name", "message"].map((key) => attribute(attributes ?? "", key));
    const element: Element = { tag, name: name ?? "", message: message ?? "", children: [], text: "" };
    parent.children.push(element);
    if (empty !== "/") open.push(element);
  }
  return root;
}

const TOKEN = /<(?:[?!][^>]*|(\/)[\w-]+|([\w-]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/)?)>|([^<]+)/g;

function attribute(attributes: string, name: string): string {
  return decode(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? entity;
    return String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : parseInt(decimal, 10));
  });
}
