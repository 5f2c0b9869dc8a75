import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readPostedForm } from "../doors/client.ts";

const FORM_TYPE = "application/x-www-form-urlencoded";
const MAX_BYTES = 65_536;

/** A request whose body arrives in these pieces; `isCancelled` tells what became of its stream. */
function posted(pieces: readonly (string | Uint8Array)[], headers: Record<string, string> = {}) {
  const rest = pieces.map((piece) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = rest.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
    cancel: () => void (isCancelled = true),
  }, { highWaterMark: 0 });
  const request = {
    headers: new Headers({ "content-type": FORM_TYPE, ...headers }),
    body,
  } as unknown as Request;
  return { request, isCancelled: () => isCancelled };
}

async function textOf(request: Request): Promise<string | number> {
  const form = await readPostedForm(request);
  return typeof form === "number" ? form : form.toString();
}

describe("readPostedForm()", () => {
  it("reads a form that arrives in pieces, even within a character", async () => {
    const bytes = new TextEncoder().encode("name=Zoë&code=x");
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    assertEquals(await textOf(posted(pieces).request), "name=Zo%C3%AB&code=x");
  });

  it("accepts the type in capitals, and no other type", async () => {
    assertEquals(await textOf(posted(["a=b"], { "content-type": FORM_TYPE.toUpperCase() }).request), "a=b");
    assertEquals(await textOf(posted(["a=b"], { "content-type": "text/plain" }).request), 415);
    assertEquals(await textOf({ headers: new Headers(), body: null } as Request), 415);
  });

  it("reads a request without a body as an empty form", async () => {
    assertEquals(
      await textOf({ headers: new Headers({ "content-type": FORM_TYPE }), body: null } as Request),
      "",
    );
  });

  it("reads a form of the maximum size, and not a byte more", async () => {
    const largest = "a".repeat(MAX_BYTES);
    assertEquals(await textOf(posted([largest]).request), `${largest}=`);
    const larger = posted([largest, "a", "never read"]);
    assertEquals([await textOf(larger.request), larger.isCancelled()], [413, true]);
  });

  it("trusts one that says that it is too large, and reads none of it", async () => {
    const honest = posted(["a=b"], { "content-length": String(MAX_BYTES + 1) });
    assertEquals([await textOf(honest.request), honest.request.body?.locked], [413, false]);
    assertEquals(await textOf(posted(["a=b"], { "content-length": String(MAX_BYTES) }).request), "a=b");
  });
});
