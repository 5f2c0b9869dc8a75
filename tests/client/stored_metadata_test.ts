import { assertEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ClientContext,
  openContext,
  recallMetadata,
  rememberMetadata,
  resolveConfig,
} from "../doors/client.ts";
import { createFakeRuntime, type FakeRuntime } from "../harness/fake_runtime.ts";

const OLD = { issuer: "https://clerk.example.com", of: "old" };
const NEW = { issuer: "https://clerk.example.com", of: "new" };

let runtime: FakeRuntime;
let context: ClientContext;

async function makeContext(endpoints: "clerk" | "discover"): Promise<void> {
  const config = resolveConfig({ clientId: "c", issuer: OLD.issuer, storage: "memory", endpoints });
  context = await openContext(config, runtime);
}

beforeEach(async () => {
  runtime = await createFakeRuntime();
  runtime.time = 1_000;
  await makeContext("discover");
});

describe("recallMetadata()", () => {
  it("remembers what a record holds", () => {
    recallMetadata(context, { fetchedAt: 500, document: OLD, namesItself: true, more: 1 });
    assertEquals(context.metadata.latest, { fetchedAt: 500, document: OLD, namesItself: true });
  });

  it("remembers an issuer that has none", () => {
    recallMetadata(context, { fetchedAt: 500, document: null });
    assertEquals(context.metadata.latest, { fetchedAt: 500, document: null, namesItself: false });
  });

  const nothing: unknown[] = [
    undefined,
    null,
    "text",
    7,
    {},
    { fetchedAt: "500", document: OLD },
    { fetchedAt: 500, document: "text" },
    { document: OLD },
    { fetchedAt: 500 },
  ];
  for (const member of nothing) {
    it(`does not remember ${JSON.stringify(member)}`, () => {
      recallMetadata(context, member);
      assertEquals(context.metadata.latest, undefined);
    });
  }

  it("remembers nothing if the endpoints are Clerk's own", async () => {
    await makeContext("clerk");
    recallMetadata(context, { fetchedAt: 500, document: OLD });
    assertEquals(context.metadata.latest, undefined);
  });

  const later: [what: string, fetchedAt: number, document: unknown][] = [
    ["takes what is newer", 501, NEW],
    ["takes what was fetched just now", 1_000, NEW],
    ["keeps what it has against what is as old", 500, OLD],
    ["keeps what it has against what is older", 499, OLD],
    ["keeps what it has against what is of the future, by a clock that was set back", 1_001, OLD],
  ];
  for (const [what, fetchedAt, document] of later) {
    it(what, () => {
      recallMetadata(context, { fetchedAt: 500, document: OLD });
      recallMetadata(context, { fetchedAt, document: NEW });
      assertEquals(context.metadata.latest?.document, document);
    });
  }

  it("never forgets that the issuer named itself", () => {
    recallMetadata(context, { fetchedAt: 500, document: OLD, namesItself: true });
    recallMetadata(context, { fetchedAt: 600, document: NEW, namesItself: false });
    assertEquals(context.metadata.latest, { fetchedAt: 600, document: NEW, namesItself: true });
    rememberMetadata(context, { fetchedAt: 700, document: OLD, namesItself: false });
    assertEquals(context.metadata.latest, { fetchedAt: 700, document: OLD, namesItself: true });
  });

  it("learns from an older record only that the issuer named itself", () => {
    recallMetadata(context, { fetchedAt: 500, document: OLD });
    recallMetadata(context, { fetchedAt: 400, document: NEW, namesItself: true });
    assertEquals(context.metadata.latest, { fetchedAt: 500, document: OLD, namesItself: true });
  });

  it("believes 'namesItself' only if it is true", () => {
    recallMetadata(context, { fetchedAt: 500, document: OLD, namesItself: "true" });
    assertEquals(context.metadata.latest?.namesItself, false);
  });
});
