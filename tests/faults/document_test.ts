import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readFile } from "node:fs/promises";
import { SERVER_TABLE } from "./server_table.ts";
import { faultsDocument } from "./support/document.ts";
import { TABLE } from "./table.ts";

describe("docs/faults.md", () => {
  it("says what the tables say: 'deno task faults' writes it", async () => {
    const page = await readFile(new URL("../../docs/faults.md", import.meta.url), "utf8");
    assertEquals(page, faultsDocument({ client: TABLE, server: SERVER_TABLE }));
  });
});
