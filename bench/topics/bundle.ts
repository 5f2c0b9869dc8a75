import type { Bench, Group, Line, Topic } from "../bench.ts";
import { bundleForWorkers, type WorkerBundle } from "../measure/bundle_worker.ts";

const OWN = `
  import { cliAuth, fetchHandler } from "@clerk/cli-auth/server";
  export default fetchHandler({ auth: cliAuth() });
`;
const BACKEND = `
  import { createClerkClient } from "@clerk/backend";
  export default {
    async fetch(request, env) {
      const clerk = createClerkClient({ secretKey: env.CLERK_SECRET_KEY });
      const state = await clerk.authenticateRequest(request, { acceptsToken: "oauth_token" });
      return Response.json(state.isAuthenticated ? state.toAuth() : null);
    },
  };
`;
const JOSE = `
  import { createRemoteJWKSet, jwtVerify } from "jose";
  const keys = createRemoteJWKSet(new URL("https://clerk.example.com/.well-known/jwks.json"));
  export default {
    async fetch(request) {
      const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
      return Response.json(await jwtVerify(token, keys).then(({ payload }) => payload, () => null));
    },
  };
`;
const OAUTH4WEBAPI = `
  import { validateJwtAccessToken } from "oauth4webapi";
  const url = "https://clerk.example.com";
  const issuer = { issuer: url, jwks_uri: url + "/.well-known/jwks.json" };
  export default {
    async fetch(request) {
      return Response.json(await validateJwtAccessToken(issuer, request, "https://api.example.com").catch(() => null));
    },
  };
`;

/** How large a Worker gets. */
export const bundle: Topic = {
  name: "bundle",
  title: "Size of a Worker",
  about: "A Worker that answers who the caller is, bundled and made small as `wrangler` does. The floor is " +
    "`@clerk/backend`, which this package verifies with; `jose` and `oauth4webapi` know JWTs alone.",
  async measure({ workspace }: Bench): Promise<Group[]> {
    const bundled = async (source: string) => await bundleForWorkers(source, workspace.npm, { minify: true });
    const sizes: [Omit<Line, "samples">, WorkerBundle][] = [
      [{ label: "@clerk/backend alone", role: "floor" }, await bundled(BACKEND)],
      [{ label: "fetchHandler() with @clerk/backend", role: "own" }, await bundled(OWN)],
      [{ label: "jose", role: "peer" }, await bundled(JOSE)],
      [{ label: "oauth4webapi", role: "peer" }, await bundled(OAUTH4WEBAPI)],
    ];
    const group = (label: string, pick: (size: WorkerBundle) => number): Group => ({
      label,
      unit: "kB",
      lines: sizes.map(([line, size]) => ({ ...line, samples: [pick(size) / 1000] })),
    });
    return [group("As it is", ({ bytes }) => bytes), group("Compressed", ({ gzipBytes }) => gzipBytes)];
  },
};
