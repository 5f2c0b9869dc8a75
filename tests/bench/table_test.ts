import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chartOf } from "../../bench/report/chart.ts";
import { markdownOf } from "../../bench/report/markdown.ts";
import { merge } from "../../bench/report/merge.ts";
import { replaceFigures } from "../../bench/report/replace_figures.ts";
import { figure } from "../../bench/report/rows.ts";
import { terminalTable } from "../../bench/report/terminal.ts";
import { lineOf, resultsOf } from "./support/results.ts";

const RESULTS = resultsOf(
  lineOf({ label: "read the file", role: "floor", median: 10 }),
  lineOf({ overFloor: 1.2 }),
  lineOf({ label: "a peer", role: "peer", median: 30, overFloor: 3, ownOverThis: 0.4 }),
);
const [TOPIC] = RESULTS.topics;

describe("terminalTable()", () => {
  it("has a line for each subject, with the ratios to the floor and to the peer", () => {
    const table = terminalTable(TOPIC!);
    assertMatch(table, /^floor: read the file +10 ms +11 – 13$/m);
    assertMatch(table, /^getAccessToken\(\) +12 ms +11 – 13 +1\.20$/m);
    assertMatch(table, /^a peer +30 ms +11 – 13 +3\.00 +0\.40$/m);
  });

  it("has the latencies of calls where a group has them, and no empty columns elsewhere", () => {
    const [topic] = resultsOf(lineOf({ p50: 81.5, p99: 1234 })).topics;
    assertMatch(terminalTable(topic!), / p50 of a call +p99\n/);
    assertMatch(terminalTable(topic!), /^getAccessToken\(\) .* 81\.5 µs +1,234 µs$/m);
    assert(!terminalTable(TOPIC!).includes("p99"));
  });

  it("shows what was set out for", () =>
    assertStringIncludes(terminalTable(TOPIC!), "(goal: ≤ 1.15 × floor)"));
});

describe("markdownOf()", () => {
  it("names the machine and the versions, and has a chart and a table for each topic", () => {
    const text = markdownOf(RESULTS, ({ name }) => `${name}.svg`);
    assertStringIncludes(text, "Measured 2026-01-02 on 2 cores, Debian; Node 20.0.0, Deno 2.0.0.");
    assertStringIncludes(text, "](token.svg)");
    assertStringIncludes(text, "| a peer | 30 ms | 11 – 13 | 3.00 | 0.40 |");
  });

  it("has columns for latencies in the tables of those groups alone", () => {
    const [slow] = resultsOf(lineOf({ p50: 81.5, p99: 1234 })).topics;
    const text = markdownOf({ ...RESULTS, topics: [TOPIC!, slow!] }, () => "");
    assertStringIncludes(text, "| 81.5 µs | 1,234 µs |");
    assertEquals(text.match(/\| p50 of a call \| p99 \|/g)?.length, 1);
  });

  it("warns of a quick run", () => {
    assertStringIncludes(markdownOf({ ...RESULTS, isQuick: true }, () => ""), "quick run");
  });
});

describe("chartOf()", () => {
  const chart = chartOf(TOPIC!);
  const widths = [...chart.matchAll(/<rect class="(\w+)".*? width="([\d.]+)"/g)]
    .map(([, role, width]) => [role, Number(width)]);

  it("draws bars in proportion to the medians", () => {
    assertEquals(widths.map(([role]) => role), ["floor", "own", "peer"]);
    const [floor, own, peer] = widths.map(([, width]) => Number(width));
    assert(Math.abs(peer! / floor! - 3) < 0.01 && Math.abs(own! / floor! - 1.2) < 0.01, String(widths));
  });

  it("has colours for light and for dark", () => assertStringIncludes(chart, "prefers-color-scheme: dark"));

  it("escapes what its text holds", () => {
    assertStringIncludes(chart, "<title>A &lt;valid> token</title>");
  });
});

describe("figure()", () => {
  it("has as many digits as one can use", () => {
    assertEquals([1234.5, 123.4, 12.34, 1.234, 0.126].map(figure), ["1,235", "123", "12.3", "1.23", "0.13"]);
  });
});

describe("merge()", () => {
  const named = (name: string, date: string) => ({
    ...RESULTS,
    date,
    topics: [{ ...TOPIC!, name, about: date }],
  });

  it("replaces what was measured again, keeps the rest, and orders both", () => {
    const earlier = { ...RESULTS, topics: [...named("lock", "old").topics, ...named("token", "old").topics] };
    const { date, topics } = merge(earlier, named("lock", "new"), ["token", "lock"]);
    assertEquals(date, "new");
    assertEquals(topics.map(({ name, about }) => [name, about]), [["token", "old"], ["lock", "new"]]);
  });

  it("forgets topics that are measured no more", () => {
    assertEquals(merge(named("gone", "old"), named("lock", "new"), ["lock"]).topics.length, 1);
  });
});

describe("replaceFigures()", () => {
  const document = "# Title\n\n<!-- figures -->\n\nold\n\n<!-- end of figures -->\n\nMore\n";

  it("replaces what stands between the marks, and nothing else", () => {
    assertEquals(replaceFigures(document, "new"), document.replace("old", "new"));
  });

  it("refuses a document without the marks", () => void assertThrows(() => replaceFigures("# Title", "new")));
});
