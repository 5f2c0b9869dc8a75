import { fileURLToPath } from "node:url";
import { generate } from "npm:selfsigned@5.5.0";

/** The least that can stand in for an issuer: every request gets new tokens. */
export interface TokenIssuer {
  url: string;
  /** How many requests came. */
  calls(): number;
  close(): Promise<void>;
}

/** How {@linkcode startIssuer} answers. */
export interface IssuerOptions {
  /** How long an answer takes. @default 0 */
  delayMs?: number;
  /** Serves over https with these. */
  tls?: { key: string; cert: string };
}

/** The certificate of a server on 127.0.0.1, and the file of the authority that vouches for it. */
export interface Certificate {
  key: string;
  cert: string;
  authorityFile: string;
}

/** Starts an issuer on a port of its own. */
export async function startIssuer({ delayMs = 0, tls }: IssuerOptions = {}): Promise<TokenIssuer> {
  let calls = 0;
  const { promise: listening, resolve: onListen } = Promise.withResolvers<{ port: number }>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen, ...tls }, async () => {
    const tokens = {
      access_token: `oat_${String(++calls).padStart(44, "0")}`,
      refresh_token: `refresh_${String(calls).padStart(40, "0")}`,
      token_type: "bearer",
      expires_in: 86_400,
      scope: "profile email openid offline_access",
    };
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return Response.json(tokens);
  });
  const { port } = await listening;
  const url = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  return { url, calls: () => calls, close: () => server.shutdown() };
}

/** Makes a certificate of an authority of its own, which is written into a folder. */
export async function makeCertificate(folder: URL): Promise<Certificate> {
  const authority = await generate([{ name: "commonName", value: "Authority of the benchmarks" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }],
  });
  const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  const file = new URL("authority.pem", folder);
  await Deno.writeTextFile(file, authority.cert);
  return { key, cert, authorityFile: fileURLToPath(file) };
}
