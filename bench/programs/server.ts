/** Serves with what the runtime offers, and tells its port when asked. */
import { readFile } from "node:fs/promises";
import * as backend from "@clerk/backend";
import { HEADERS, identifiersOf, route } from "./support/identify.ts";
import { serveBare } from "./support/bare_server.ts";
import { answerTasks, readArguments } from "./support/tasks.ts";

const [path] = readArguments<[string]>();
const identifiers = identifiersOf(JSON.parse(await readFile(path, "utf8")), backend);
const isNode = !("Bun" in globalThis) && !("Deno" in globalThis);
const port = isNode ? await serveOnNode() : (await serveBare(route(identifiers))).port;
await answerTasks(() => port);

/** `node:http` itself, and `handle()` through `@hono/node-server`, as in the guide. */
async function serveOnNode(): Promise<number> {
  const { createServer } = await import("node:http");
  const { getRequestListener } = await import("npm:@hono/node-server@2.1.9");
  const listener = getRequestListener(identifiers.handler);
  const server = createServer((request, response) => {
    if (request.url === "/handle") return void listener(request, response);
    const subject = identifiers.identify[request.url!]!(request.headers.authorization ?? "", request);
    const answer = (sub: string) => void response.writeHead(200, HEADERS).end(JSON.stringify({ sub }));
    typeof subject === "string" ? answer(subject) : subject.then(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}
