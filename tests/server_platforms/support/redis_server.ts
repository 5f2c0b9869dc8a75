import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Requirement } from "../../harness/requirement.ts";

const PROGRAM = "/usr/bin/redis-server";

/** A Redis server on this machine. */
export const REDIS: Requirement = {
  missing: existsSync(PROGRAM) ? undefined : `there is no ${PROGRAM}: apt-get install redis-server`,
};

/** A Redis server that runs. */
export interface RedisServer {
  /** The path of its Unix socket. */
  socket: string;
  stop(): Promise<void>;
}

/** Starts a Redis server that listens on a Unix socket alone and keeps everything in memory. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const socket = join(folder, "socket");
  const server = spawn(PROGRAM, ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let text = "";
    server.once("error", reject).once("close", () => reject(new Error(`Redis ended: ${text}`)));
    server.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("ready to accept connections")) resolve();
    });
  });
  return {
    socket,
    async stop() {
      server.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
