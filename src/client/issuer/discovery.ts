import type { IssuerMetadata } from "../../core/issuer.ts";
import { parseMetadata } from "../../core/metadata_document.ts";
import type { ClientContext, StoredMetadata } from "../context.ts";
import { readRecord, rememberMetadata } from "../session/record.ts";
import { fetchMetadata } from "./requests.ts";

export interface MetadataOptions {
  /** The maximum age, in milliseconds. */
  maxAgeMs?: number;
  signal?: AbortSignal | undefined;
}

/** How long metadata is used, in milliseconds. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** How long to wait for new metadata if there is old metadata to use, in milliseconds. */
const RENEWAL_MS = 5000;

/**
 * Returns the issuer's metadata: stored for a day, then fetched again. If that fails, the stored metadata
 * stays in use.
 *
 * @throws {ClerkCliAuthError} `network`, `timeout` or `config` if there is no usable metadata; `cancelled`.
 */
export async function discoverMetadata(
  context: ClientContext,
  { maxAgeMs = MAX_AGE_MS, signal }: MetadataOptions = {},
): Promise<IssuerMetadata> {
  const stored = await storedMetadata(context);
  const known = stored && usableMetadata(context, stored);
  const ageMs = context.runtime.now() - (stored?.fetchedAt ?? 0);
  if (known && ageMs >= 0 && ageMs < maxAgeMs) return known;
  try {
    return await renewMetadata(context, { hasOld: known !== undefined, signal });
  } catch (error) {
    if (known && !signal?.aborted) return known;
    throw error;
  }
}

/** Reads metadata from memory or the record. An unreadable record must not prevent a login. */
async function storedMetadata(context: ClientContext): Promise<StoredMetadata | undefined> {
  if (!context.metadata.latest) await readRecord(context).catch(() => null);
  return context.metadata.latest;
}

/** Parses stored metadata, unless the configuration has become stricter. */
function usableMetadata(
  { config }: ClientContext,
  { document, namesItself }: StoredMetadata,
): IssuerMetadata | undefined {
  try {
    return { ...parseMetadata(document, config), ...(namesItself && { namesItself }) };
  } catch {
    return undefined;
  }
}

async function renewMetadata(
  context: ClientContext,
  { hasOld, signal }: { hasOld: boolean; signal: AbortSignal | undefined },
): Promise<IssuerMetadata> {
  const { config, runtime, transport } = context;
  const timeoutMs = hasOld ? Math.min(config.requestTimeoutMs, RENEWAL_MS) : config.requestTimeoutMs;
  const fetchedAt = runtime.now();
  const { document, metadata } = await fetchMetadata(config, { transport, timeoutMs, signal });
  rememberMetadata(context, { fetchedAt, document, namesItself: metadata.namesItself });
  return { ...metadata, namesItself: context.metadata.latest!.namesItself };
}
