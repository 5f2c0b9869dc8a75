/** Serves with what the runtime offers, and writes the port. */
import { readFile } from "node:fs/promises";
import process from "node:process";
import * as backend from "@clerk/backend";
import { readArguments } from "../support/arguments.ts";
import { type Handler, makeHandlers, route } from "./answers.ts";

interface BunGlobal {
  serve(options: { hostname: string; port: number; fetch: Handler }): { port: number };
}

const [path] = readArguments<[string]>();
const handler = route(makeHandlers(JSON.parse(await readFile(path, "utf8")), backend));
const hostname = "127.0.0.1";
const { Bun } = globalThis as { Bun?: BunGlobal };
if (Bun) announce(Bun.serve({ hostname, port: 0, fetch: handler }).port);
else if ("Deno" in globalThis) {
  Deno.serve({ hostname, port: 0, onListen: ({ port }) => announce(port) }, handler);
} else await serveOnNode();

function announce(port: number): void {
  process.stdout.write(`${port}\n`);
}

/** As the guide for Node and Express has it. */
async function serveOnNode(): Promise<void> {
  const { serve } = await import("npm:@hono/node-server@2.1.9");
  serve({ fetch: handler, hostname, port: 0 }, ({ port }) => announce(port));
}
