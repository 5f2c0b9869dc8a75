/** Sends a GET to the URL in its argument and writes the status and the body of the response, or `failed`. */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { transport } = await loadRuntime();
const request = { method: "GET", url: process.argv[2] ?? "", headers: {} } as const;
try {
  const { status, body } = await transport(request, new AbortController().signal);
  let text = "";
  for await (const chunk of body ?? []) text += new TextDecoder().decode(chunk);
  console.log(`${status} ${text}`);
} catch {
  console.log("failed");
}
