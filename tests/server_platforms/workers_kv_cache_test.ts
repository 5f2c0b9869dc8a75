import { workersKvCache, type WorkersKvLike } from "@clerk/cli-auth/server";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import { describeTokenCache } from "../server/support/token_cache_contract.ts";

describeTokenCache("workersKvCache()", async () => {
  const miniflare = new Miniflare({
    modules: true,
    script: "export default { fetch: () => new Response() };",
    kvNamespaces: ["TOKENS"],
    compatibilityDate: "2026-07-01",
  });
  const namespace = await miniflare.getKVNamespace("TOKENS") as unknown as WorkersKvLike;
  return { cache: workersKvCache(namespace), close: () => miniflare.dispose() };
});
