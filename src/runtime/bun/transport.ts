import { fetchTransport, type Transport } from "../../core/transport.ts";

/** A {@linkcode Transport} on Bun's `fetch`, without keep-alive: a request on a reused connection may be sent twice. */
export const transport: Transport = (request, signal) =>
  fetchTransport(fetch, { keepalive: false })(request, signal);
