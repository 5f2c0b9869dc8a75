import { denoKvCache, type DenoKvLike } from "@clerk/cli-auth/server";
import { describeTokenCache } from "../server/support/token_cache_contract.ts";
import { OWN_RUNTIME } from "../harness/program.ts";

// Deno KV's own engine, without the flag that `Deno.openKv()` needs. It does not run on Bun.
if (OWN_RUNTIME !== "bun") {
  describeTokenCache("denoKvCache()", async () => {
    const { openKv } = await import("npm:@deno/kv@0.14.0");
    const kv = await openKv(":memory:");
    return { cache: denoKvCache(kv as unknown as DenoKvLike), close: () => kv.close() };
  });
}
