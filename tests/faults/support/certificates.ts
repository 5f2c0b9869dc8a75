import { generate } from "npm:selfsigned@5.5.0";
import type { Certificate, Certificates } from "./front.ts";

/** Certificates, and the authority to trust for them. */
export interface MadeCertificates extends Certificates {
  /** The authority's certificate, in PEM. */
  authority: string;
}

const SERVER_NAME = [{ name: "commonName", value: "127.0.0.1" }];
const IS_FOR_LOOPBACK = [{
  name: "subjectAltName" as const,
  altNames: [{ type: 7 as const, ip: "127.0.0.1" }],
}];
const KEY = { keyType: "ec", algorithm: "sha256" } as const;

/** Makes a certificate of an authority that can be trusted, and a self-signed one. */
export async function makeCertificates(): Promise<MadeCertificates> {
  const authority = await generate([{ name: "commonName", value: "Authority of a test" }], {
    ...KEY,
    extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }],
  });
  const make = async (more: object): Promise<Certificate> => {
    const made = await generate(SERVER_NAME, { ...KEY, extensions: IS_FOR_LOOPBACK, ...more });
    return { key: made.private, cert: made.cert };
  };
  const ca = { key: authority.private, cert: authority.cert };
  return { trusted: await make({ ca }), untrusted: await make({}), authority: authority.cert };
}
