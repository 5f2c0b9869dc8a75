import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pathToFileURL } from "node:url";
import { countedSources, countUnloaded } from "../../scripts/coverage/counted_sources.ts";
import { type FileCoverage, percentage, shareOf } from "../../scripts/coverage/file_coverage.ts";
import { readIstanbulCounts } from "../../scripts/coverage/istanbul_counts.ts";
import { readLcov } from "../../scripts/coverage/lcov.ts";
import { describeCoverage, reachesMark } from "../../scripts/coverage/report.ts";
import { run } from "../../scripts/run.ts";
import { bundle } from "../../scripts/test/bundle.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

function file(name: string, { lines, branches }: { lines: number[]; branches: number[] }): FileCoverage {
  const counted = (counts: number[]) => counts.map((count, index) => ({ line: index + 1, count }));
  return { file: name, lines: counted(lines), branches: counted(branches) };
}

const half = file("src/core/half.ts", { lines: [1, 0, 0, 4, 0], branches: [1, 0] });
const full = file("src/client/full.ts", { lines: [1, 1, 1, 1, 1], branches: [] });

describe("readLcov()", () => {
  it("reads the lines and branches of each file, by its path in the repository", () => {
    const report = `SF:/home/ada/repository/src/core/a.ts
FN:1,f
FNDA:1,f
BRDA:2,1,0,0
BRDA:2,1,1,3
BRDA:4,2,0,-
DA:1,5
DA:2,0
LH:1
LF:2
end_of_record
SF:/home/ada/repository/src/core/b.ts
DA:7,1
end_of_record
`;
    assertEquals(readLcov(report, "/home/ada/repository/"), [
      {
        file: "src/core/a.ts",
        lines: [{ line: 1, count: 5 }, { line: 2, count: 0 }],
        branches: [{ line: 2, count: 0 }, { line: 2, count: 3 }, { line: 4, count: 0 }],
      },
      { file: "src/core/b.ts", lines: [{ line: 7, count: 1 }], branches: [] },
    ]);
  });

  it("finds no file in an empty report", () => assertEquals(readLcov("", "/"), []));
});

describe("shareOf()", () => {
  it("adds up what ran of all files", () => {
    assertEquals(shareOf([half, full], "lines"), { ran: 7, all: 10 });
    assertEquals(shareOf([half, full], "branches"), { ran: 1, all: 2 });
  });

  it("takes a file without branches for one whose branches all ran", () => {
    assertEquals(percentage(shareOf([full], "branches")), 100);
  });
});

describe("reachesMark()", () => {
  it("wants enough of the lines, and enough of the branches", () => {
    const counts = (ran: number) => Array.from({ length: 100 }, (_, index) => index < ran ? 1 : 0);
    const reached = (lines: number, branches: number) =>
      reachesMark([file("src/core/a.ts", { lines: counts(lines), branches: counts(branches) })]);

    assertEquals([reached(95, 90), reached(94, 100), reached(100, 89)], [true, false, false]);
  });
});

describe("describeCoverage()", () => {
  it("shows each folder and all of src, and what did not run in a file below the mark", () => {
    assertEquals(describeCoverage([full, half]).map((line) => line.replaceAll(/ {3,}/g, "  ")), [
      "  lines  branches",
      "src/client  100.0 % of 5  100.0 % of 0",
      "src/core  40.0 % of 5  50.0 % of 2",
      "src  70.0 % of 10  50.0 % of 2",
      "",
      "Below 95 % of the lines or 90 % of the branches:",
      "src/core/half.ts  40.0 % of 5  50.0 % of 2",
      "  lines 2-3, 5",
      "  branches at 2",
    ]);
  });

  it("names no file where all reach the mark", () => {
    assertEquals(describeCoverage([full]).length, 3);
  });
});

describe("countedSources()", () => {
  it("has a bundle count what it runs, by the lines of the source, in each process", async () => {
    const folder = await makeTemporaryFolder();
    const [to, counts] = ["bundle/", "counts/"].map((name) =>
      new URL(name, pathToFileURL(folder.path + "/"))
    );
    await Deno.mkdir(counts!);
    const source = "src/core/base64url.ts";
    await bundle({ sources: [source], to: to!, imports: {}, plugins: countedSources(counts!) });
    const program = `import { encodeBase64Url } from "${new URL(source.replace(".ts", ".js"), to)}";`;
    for (const use of ["", "encodeBase64Url(new Uint8Array(1));"]) {
      await run("node", ["--input-type=module", "-e", program + use]);
    }
    const written = await Array.fromAsync(Deno.readDir(counts!), ({ name }) => new URL(name, counts));
    const texts = await Promise.all(written.map((file) => Deno.readTextFile(file)));
    const [coverage] = readIstanbulCounts(texts.map((text) => JSON.parse(text)));
    await folder.remove();

    assertEquals([written.length, coverage?.file], [2, source]);
    const lines = (await Deno.readTextFile(new URL(`../../${source}`, import.meta.url))).split("\n");
    const countOf = (text: string) =>
      coverage?.lines.find(({ line }) => lines[line - 1]?.includes(text))?.count;
    assertEquals([countOf("return btoa("), countOf("atob(")], [1, 0]);
  });
});

describe("countUnloaded()", () => {
  it("counts all of a source as not run", async () => {
    const { file, lines, branches } = await countUnloaded("src/core/base64url.ts");

    assertEquals([file, lines.length > 5, branches.length > 0], ["src/core/base64url.ts", true, true]);
    assertEquals([...lines, ...branches].some(({ count }) => count > 0), false);
  });

  it("finds nothing to run in a source of types", async () => {
    const { lines, branches } = await countUnloaded("src/runtime/runtime.ts");

    assertEquals([lines, branches], [[], []]);
  });
});
