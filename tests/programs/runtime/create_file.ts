/**
 * Creates the file named by its first argument, with the number of characters in the second one, or writes why it could
 * not.
 */
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
