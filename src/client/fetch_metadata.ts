import { exchange } from "../core/http.ts";
import type { JsonObject } from "../core/json.ts";
import type { IssuerMetadata } from "../core/metadata.ts";
import {
  METADATA_ENDPOINT,
  type MetadataExpectation,
  metadataRequest,
  parseMetadata,
  readMetadataAnswer,
} from "../core/metadata_document.ts";
import type { CallOptions } from "./calls.ts";

/** Metadata that was fetched. */
export interface FetchedMetadata {
  metadata: IssuerMetadata;
  /** What it was made of; `null` where the issuer has none. */
  document: JsonObject | null;
}

/**
 * Asks an issuer for its metadata.
 *
 * @throws {ClerkCliAuthError} `network` or `timeout` when it could not be asked, `config` when the answer will not do.
 */
export async function fetchMetadata(
  expected: MetadataExpectation,
  options: CallOptions,
): Promise<FetchedMetadata> {
  const answer = await exchange(metadataRequest(expected.issuer), {
    ...options,
    step: "network",
    endpointName: METADATA_ENDPOINT,
  });
  const document = readMetadataAnswer(answer);
  return { document, metadata: parseMetadata(document, expected) };
}
