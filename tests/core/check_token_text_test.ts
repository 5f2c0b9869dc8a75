import { assertEquals, assertFalse } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cancelled, checkTokenText, isApiKey } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

describe("checkTokenText()", () => {
  it("accepts every token that fits in a header", () => {
    checkTokenText("oat_!~+/=", "userinfo");
  });

  it("rejects any other with the code of the step, and says what to do without quoting it", async () => {
    for (const token of ["", "a b", "a\nb", "tokeñ"]) {
      const error = await caught(() => checkTokenText(token, "userinfo"));
      assertEquals([error.code, error.message, error.action], [
        "userinfo",
        "The token contains invalid characters",
        "Check that you copied all of it, without spaces or line breaks",
      ]);
      assertFalse(token !== "" && error.message.includes(token));
    }
  });
});

describe("isApiKey()", () => {
  it("recognizes an API key by its prefix", () => {
    assertEquals(["ak_1", "oat_1", "1ak_", "AK_1", ""].map(isApiKey), [true, false, false, false, false]);
  });
});

describe("cancelled()", () => {
  it("is our error, with the signal's reason as its cause", () => {
    const reason = new Error("enough");
    const { code, message, cause } = cancelled(AbortSignal.abort(reason));
    assertEquals([code, message, cause === reason], ["cancelled", "The call was cancelled", true]);
  });

  it("is the signal's reason if that is one of our errors", () => {
    const ours = cancelled();
    assertEquals([ours.code, ours.cause, cancelled(AbortSignal.abort(ours)) === ours], [
      "cancelled",
      undefined,
      true,
    ]);
  });
});
