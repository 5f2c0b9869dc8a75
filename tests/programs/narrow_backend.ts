/**
 * Sends tokens to a backend that was configured with everything except the accepted applications, and prints its
 * responses, health first, and its reports, as JSON.
 *
 *     narrow_backend API_URL SECRET_KEY TOKEN…
 */
import process from "node:process";
import { fetchHandler } from "@clerk/cli-auth/server";

const [apiUrl = "", secretKey = "", ...tokens] = process.argv.slice(2);
const reported = new Set<string>();
const { fetch } = fetchHandler({
  clientConfig: { apiUrl, secretKey, telemetry: { disabled: true } },
  healthPath: "/health",
  onError: (error) => void reported.add((error as Error).message),
});

const health = await fetch(new Request("https://api.example.com/health"));
const statuses = await Promise.all(tokens.map(async (token) => {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(new Request("https://api.example.com/me", { headers }))).status;
}));
process.stdout.write(
  `${JSON.stringify({ statuses: [health.status, ...statuses], reported: [...reported] })}\n`,
);
