import { fetchTransport, type Transport } from "../../core/transport.ts";
import { env } from "./env.ts";

/**
 * A {@linkcode Transport} on Bun's `fetch`, without keep-alive: a request on a reused connection may be sent twice. A
 * dotenv file cannot switch the check of certificates off; a variable of the true environment can, as everywhere.
 */
export const transport: Transport = (request, signal) => {
  const tls = { rejectUnauthorized: env("NODE_TLS_REJECT_UNAUTHORIZED") !== "0" };
  return fetchTransport(fetch, { keepalive: false, tls } as RequestInit)(request, signal);
};
