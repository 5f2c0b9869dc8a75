/** Creates the file that its first argument names, with as many characters as the second one says, or writes what kept it from that. */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { files } = await loadRuntime();
const [path = "", length] = process.argv.slice(2);
try {
  await files.createExclusive(path, "x".repeat(Number(length)), { mode: 0o600 });
  console.log("created");
} catch (error) {
  console.log(String(error));
}
