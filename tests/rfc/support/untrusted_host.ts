import { createServer } from "node:https";
import { generate } from "npm:selfsigned@5.5.0";

/** A host with an untrusted certificate. */
export interface UntrustedHost {
  origin: string;
  /** How many requests came through. */
  requests(): number;
  close(): Promise<void>;
}

/** Starts one on loopback, with a self-signed certificate. */
export async function startUntrustedHost(): Promise<UntrustedHost> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  let requests = 0;
  const server = createServer({ key, cert }, (_request, response) => {
    requests++;
    response.setHeader("content-type", "application/json").end('{"sub":"user_1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as { port: number }).port}`,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
