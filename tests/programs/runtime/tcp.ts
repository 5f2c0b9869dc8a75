/**
 * - `listen`: listens on a port that it writes; when it has read a line from a connection, it does nothing more
 * - `wait PORT`: connects and waits for the end of the connection
 * - `identity`: writes the identity of the host
 */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { tcp, hostIdentity } = await loadRuntime();
const [task, port] = process.argv.slice(2);

if (task === "identity") console.log(hostIdentity());
else if (task === "wait") await wait(Number(port));
else await listen().catch((error) => console.log(error.code));

async function wait(port: number): Promise<void> {
  const connection = await tcp.connect(port, new AbortController().signal);
  console.log("waiting");
  while (await connection.read() !== null);
  console.log("ended");
}

async function listen(): Promise<void> {
  const alive = setInterval(() => {}, 60_000);
  try {
    const { port } = await tcp.listen(async (connection) => {
      if (await connection.read()) clearInterval(alive);
    });
    console.log(`listening on ${port}`);
  } catch (error) {
    clearInterval(alive);
    throw error;
  }
}
