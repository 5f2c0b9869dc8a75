import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pollForTokens } from "../doors/client.ts";
import { ClerkCliAuthError, type TokenSet } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

const TOKENS: TokenSet = { accessToken: "token" };

/** An error of the token endpoint during the polling. */
function said(oauthError: string): ClerkCliAuthError {
  return new ClerkCliAuthError("token_exchange", oauthError, { status: 400, oauthError });
}

const PENDING = said("authorization_pending");
const SLOW_DOWN = said("slow_down");
const TROUBLE = new ClerkCliAuthError("timeout", "no answer", { retryable: true });

/** Polls with these responses. Returns the result and the wait before each poll, in seconds. */
async function poll(answers: (TokenSet | Error)[]) {
  const waits: number[] = [];
  const polling = pollForTokens({
    intervalMs: 5000,
    ask: () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("asked too often");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    wait: (durationMs) => {
      waits.push(durationMs / 1000);
      return Promise.resolve();
    },
  });
  return { waits, result: await polling.catch((error) => error) };
}

describe("pollForTokens()", () => {
  it("waits before every poll, including the first", async () => {
    assertEquals(await poll([PENDING, PENDING, TOKENS]), { waits: [5, 5, 5], result: TOKENS });
  });

  it("waits five seconds longer after each 'slow_down'", async () => {
    const { waits } = await poll([SLOW_DOWN, PENDING, SLOW_DOWN, PENDING, TOKENS]);
    assertEquals(waits, [5, 10, 10, 15, 15]);
  });

  it("accepts a 'slow_down' with status 429", async () => {
    const limited = new ClerkCliAuthError("token_exchange", "429", {
      status: 429,
      oauthError: "slow_down",
      retryable: true,
    });
    assertEquals((await poll([limited, PENDING, TOKENS])).waits, [5, 10, 10]);
  });

  it("backs off while the token endpoint fails, and recovers when it responds", async () => {
    const { waits } = await poll([TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE, PENDING, TOKENS]);
    assertEquals(waits, [5, 10, 20, 40, 60, 60, 60, 5]);
  });

  it("never polls more often than told to after failures", async () => {
    const slow = Array.from({ length: 12 }, () => SLOW_DOWN);
    assertEquals((await poll([...slow, TROUBLE, TOKENS])).waits.slice(-2), [65, 65]);
  });

  it("ends when the user has denied access", async () => {
    const { result } = await poll([PENDING, said("access_denied")]);
    const error = await caught(() => Promise.reject(result));
    assertEquals([error.code, error.oauthError], ["access_denied", "access_denied"]);
  });

  it("ends when the code has expired", async () => {
    const { result } = await poll([PENDING, said("expired_token")]);
    const error = await caught(() => Promise.reject(result));
    assertEquals([error.code, error.oauthError, error.retryable], ["timeout", "expired_token", true]);
  });

  it("ends with any other error of the token endpoint", async () => {
    for (const oauthError of ["invalid_grant", "invalid_client", "unsupported_grant_type"]) {
      const { result, waits } = await poll([said(oauthError)]);
      assertEquals([result.oauthError, waits.length], [oauthError, 1]);
    }
    const unusable = new ClerkCliAuthError("token_exchange", "not JSON", { status: 200 });
    assertEquals((await poll([unusable])).result, unusable);
  });

  it("ends with any other error", async () => {
    assertEquals((await poll([new TypeError("a bug")])).result.message, "a bug");
  });

  it("ends on an abort", async () => {
    const wait = () => Promise.reject(new Error("enough"));
    const ask = () => Promise.resolve(TOKENS);
    await assertRejects(() => pollForTokens({ intervalMs: 1, ask, wait }), Error, "enough");
  });
});
