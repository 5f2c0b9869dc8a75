import type { JsonObject } from "../core/json.ts";
import type { ClientContext } from "./context.ts";

/** What is kept of the issuer's metadata, in the record beside the tokens. */
export interface StoredMetadata {
  /** When it was fetched, Unix time in milliseconds. */
  fetchedAt: number;
  /** Its members as they came, which are checked again whenever they are used; `null` where the issuer has none. */
  document: JsonObject | null;
  /** Whether the issuer was ever known to name itself in its authorization responses; never taken back. */
  namesItself: boolean;
}

/** What a context knows of the issuer's metadata: from the record, or because it has asked. */
export interface MetadataMemory {
  latest: StoredMetadata | undefined;
}

/** Takes note of metadata that was fetched now. */
export function rememberMetadata({ metadata }: ClientContext, fetched: StoredMetadata): void {
  const namesItself = fetched.namesItself || (metadata.latest?.namesItself ?? false);
  metadata.latest = { ...fetched, namesItself };
}

/** Takes note of the metadata that a record holds, unless it is none, or older than what is known. */
export function recallMetadata(context: ClientContext, member: unknown): void {
  const stored = context.config.endpoints === "discover" && parseStored(member);
  if (!stored) return;
  const { metadata: { latest }, runtime } = context;
  // By a clock that was set back, what was stored before is no news.
  const isNews = !latest || (stored.fetchedAt > latest.fetchedAt && stored.fetchedAt <= runtime.now());
  const namesItself = stored.namesItself || (latest?.namesItself ?? false);
  context.metadata.latest = { ...(isNews ? stored : latest), namesItself };
}

function parseStored(member: unknown): StoredMetadata | undefined {
  if (typeof member !== "object" || member === null) return undefined;
  const { fetchedAt, document, namesItself } = member as Partial<StoredMetadata>;
  if (typeof fetchedAt !== "number" || typeof document !== "object") return undefined;
  return { fetchedAt, document, namesItself: namesItself === true };
}
