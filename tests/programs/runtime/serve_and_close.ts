/** Listens on a port that it writes, and closes at a line on standard input. Then nothing must keep it alive. */
import { loadRuntime } from "../../doors/runtime.ts";

const runtime = await loadRuntime();
const server = await runtime.serveLoopback(() => new Response(), { port: 0 });
console.log(`listening on ${server.port}`);
await runtime.terminal.readLine();
await server.close();
console.log("closed");
