import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readJunit } from "../../scripts/test/junit.ts";

describe("readJunit()", () => {
  it("counts the steps of Deno's suites, not the suites", () => {
    const results = readJunit(`<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="deno test" tests="4">
        <testsuite name="./a_test.ts">
          <testcase name="suite" classname="./a_test.ts"><failure message="1 step failed">1 step failed.</failure></testcase>
        </testsuite>
        <testsuite name="ext:deno_node/testing.ts">
          <testcase name="suite &gt; good"></testcase>
          <testcase name="suite &gt; inner"></testcase>
          <testcase name="suite &gt; inner &gt; left out"><skipped/></testcase>
          <testcase name="suite &gt; bad"><failure message="no">Error: &quot;no&quot; &amp; &lt;never&gt;</failure></testcase>
        </testsuite>
      </testsuites>`);
    assertEquals(results, [
      { name: "suite > good", outcome: "passed" },
      { name: "suite > inner > left out", outcome: "skipped" },
      { name: "suite > bad", outcome: "failed", message: 'Error: "no" & <never>' },
    ]);
  });

  it("counts a suite of Deno whose hook failed", () => {
    const results = readJunit(`<testsuites name="deno test"><testsuite name="./a_test.ts">
      <testcase name="suite"><failure message="hook">Error: hook</failure></testcase>
      <testcase name="suite &gt; good"></testcase>
    </testsuite></testsuites>`);
    assertEquals(results.filter(({ outcome }) => outcome === "failed"), [
      { name: "suite", outcome: "failed", message: "Error: hook" },
    ]);
  });

  it("reads the nested suites of Node, which leaves > in attributes as it is", () => {
    const results = readJunit(`<?xml version="1.0" encoding="utf-8"?><testsuites>
      <testsuite name="suite"><testsuite name="inner">
        <testcase name="good" time="0.1" classname="test"/>
        <testcase name="bad" classname="test" failure="a > b"><failure message="a > b">a &gt; b</failure></testcase>
      </testsuite></testsuite>
      <!-- tests 2 -->
    </testsuites>`);
    assertEquals(results, [
      { name: "suite > inner > good", outcome: "passed" },
      { name: "suite > inner > bad", outcome: "failed", message: "a > b" },
    ]);
  });

  it("reads the nested suites of Bun, the outer ones being files", () => {
    const results = readJunit(
      `<testsuites name="bun test"><testsuite name="bun/a_test.js" file="bun/a_test.js">
      <testsuite name="suite"><testcase name="left out" classname="suite"><skipped /></testcase></testsuite>
      <testcase name="alone" classname="" />
    </testsuite></testsuites>`,
    );
    assertEquals(results, [
      { name: "suite > left out", outcome: "skipped" },
      { name: "alone", outcome: "passed" },
    ]);
  });

  it("takes the message of a failure that has no text", () => {
    const results = readJunit(
      `<testsuites><testcase name="bad"><failure message="timed out" /></testcase></testsuites>`,
    );
    assertEquals(results, [{ name: "bad", outcome: "failed", message: "timed out" }]);
  });

  it("does not count a file without tests, which Node reports as passed, but one that cannot be loaded", () => {
    const results = readJunit(`<testsuites>
      <testcase name="/build/empty_test.js" classname="test"/>
      <testcase name="/build/broken_test.js" classname="test"><failure message="broken">broken</failure></testcase>
    </testsuites>`);
    assertEquals(results, [{ name: "/build/broken_test.js", outcome: "failed", message: "broken" }]);
  });

  it("finds no test in an empty report", () => assertEquals(readJunit(""), []));
});
