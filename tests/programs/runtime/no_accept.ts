/**
 * Listens on a port that it writes, accepts nothing, and has room for very few connections: the system makes further
 * ones wait.
 */
import { createServer } from "node:net";

const server = createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  const { port } = server.address() as { port: number };
  console.log(`listening on ${port}`);
});
