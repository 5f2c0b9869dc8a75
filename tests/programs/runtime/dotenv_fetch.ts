/**
 * Sends a bearer token to the URL in its argument through `auth.fetch()` and through the transport, from the directory
 * in the second argument, and writes the response, or `failed`. Reports on standard error if it uses a proxy.
 */
import { ClerkCliAuth } from "@clerk/cli-auth";
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const [url = "", folder] = process.argv.slice(2);
if (folder !== undefined) process.chdir(folder);
const auth = new ClerkCliAuth({
  clientId: "client",
  issuer: "https://issuer.example",
  storage: "memory",
  apiOrigins: [new URL(url).origin],
  tokenEnvVar: "TOKEN",
});
console.log(await auth.fetch(url).then((response) => response.text(), () => "failed"));

const { transport, usesProxyVariables } = await loadRuntime();
if (usesProxyVariables()) console.error("uses the proxy");
const request = { method: "GET", url, headers: { authorization: "Bearer secret-of-the-transport" } } as const;
try {
  const { body } = await transport(request, new AbortController().signal);
  for await (const chunk of body ?? []) console.log(new TextDecoder().decode(chunk));
} catch {
  console.log("failed");
}
