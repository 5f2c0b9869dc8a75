import { redisCache } from "@clerk/cli-auth/server";
import { createClient } from "npm:redis@6.3.1";
import { itWith } from "../harness/requirement.ts";
import { describeTokenCache } from "../server/support/token_cache_contract.ts";
import { REDIS, startRedis } from "./support/redis_server.ts";

if (REDIS.missing === undefined) {
  describeTokenCache("redisCache()", async () => {
    const server = await startRedis();
    const redis = await createClient({ socket: { path: server.socket, tls: false } }).connect();
    return {
      cache: redisCache((command) => redis.sendCommand(command)),
      close: async () => {
        await redis.close();
        await server.stop();
      },
    };
  });
} else {
  itWith(REDIS, "redisCache() is a token cache", () => {});
}
