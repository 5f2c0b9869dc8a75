import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MadeCertificates, makeCertificates } from "./certificates.ts";

/** What all cells of a run have in common. */
export interface Surroundings {
  /** `XDG_CONFIG_HOME`. */
  home: string;
  certificates: MadeCertificates;
  /** The environment of programs: the home directory, and the authority that they trust. */
  env: Record<string, string>;
}

/** Creates them in a directory. */
export async function makeSurroundings(home: string): Promise<Surroundings> {
  const certificates = await makeCertificates();
  const authority = join(home, "authority.pem");
  await writeFile(authority, certificates.authority);
  const env = { XDG_CONFIG_HOME: home, NODE_EXTRA_CA_CERTS: authority, DENO_CERT: authority };
  return { home, certificates, env };
}
