/**
 * The backend: keeps each account's notes. Runs as it is with `deno serve --unstable-kv backend.ts`, on Deno Deploy and
 * on Bun, with `CLERK_SECRET_KEY` and `CLERK_OAUTH_CLIENT_ID` set.
 *
 * @module
 */
import { cliAuth, type CliAuthInstance, handle } from "@clerk/cli-auth/server";

/** The part of `Deno.Kv` in use. */
interface Kv {
  set(key: string[], value: string): Promise<unknown>;
  list(selector: { prefix: string[] }): AsyncIterable<{ value: unknown }>;
}

/** Creates the backend: `/me` says whose a token is, `/notes` lists (GET) and adds (POST). */
export function notesBackend(auth: CliAuthInstance): { fetch(request: Request): Promise<Response> } {
  const identify = handle({ auth });
  const storage = openKv();
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/me") return await identify(request);
      if (pathname !== "/notes") return new Response("Not found", { status: 404 });
      const result = await auth.authenticate(request);
      if (!result.ok) return result.response;
      const { sub } = result.identity;
      const kv = await storage;
      if (request.method === "POST") {
        await kv.set(["notes", sub, `${Date.now()}-${crypto.randomUUID()}`], await request.text());
        return new Response(null, { status: 201 });
      }
      const notes: unknown[] = [];
      for await (const { value } of kv.list({ prefix: ["notes", sub] })) notes.push(value);
      return Response.json(notes);
    },
  };
}

/** Deno KV if available, otherwise this process's memory. */
async function openKv(): Promise<Kv> {
  const { Deno } = globalThis as { Deno?: { openKv?: () => Promise<Kv> } };
  if (Deno?.openKv) return await Deno.openKv();
  const entries = new Map<string, { key: string[]; value: string }>();
  return {
    set: (key, value) => Promise.resolve(entries.set(key.join("/"), { key, value })),
    async *list({ prefix }) {
      for (const entry of entries.values()) {
        if (prefix.every((part, index) => entry.key[index] === part)) yield entry;
      }
    },
  };
}

const backend: { fetch(request: Request): Promise<Response> } = notesBackend(cliAuth());

export default backend;
