import type { IssuerMetadata } from "../../core/issuer.ts";
import { parseMetadata } from "../../core/metadata_document.ts";
import type { ClientContext, StoredMetadata } from "../context.ts";
import { readRecord, rememberMetadata } from "../session/record.ts";
import { fetchMetadata } from "./requests.ts";

/** How metadata is asked for. */
export interface MetadataOptions {
  /** How old it may be, in milliseconds. */
  maxAgeMs?: number;
  signal?: AbortSignal | undefined;
}

/** How long metadata is used, in milliseconds. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

/** How long new metadata is waited for where old metadata is at hand, in milliseconds. */
const RENEWAL_MS = 5000;

/**
 * The issuer's metadata: from the record for a day, then asked for again. What was stored is kept in use if the issuer
 * cannot be asked, or answers with something that will not do.
 *
 * @throws {ClerkCliAuthError} `network`, `timeout` or `config` when there is none to go by; `cancelled`.
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

/** What this context knows already, or finds in the record. A record that cannot be read must not prevent a login. */
async function storedMetadata(context: ClientContext): Promise<StoredMetadata | undefined> {
  if (!context.metadata.latest) await readRecord(context).catch(() => null);
  return context.metadata.latest;
}

/** Stored metadata, unless it is at odds with a configuration that has become stricter. */
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
