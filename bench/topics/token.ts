import { SECRET_SERVICE, startKeyring } from "../../tests/harness/keyring.ts";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { readingProgram, sealedReadingProgram } from "../by_hand.ts";
import { processLine, type TimedProgram } from "../processes.ts";
import { type MsalSession, type StoredSession, storeMsalSession, storeSession } from "../sessions.ts";
import { type BenchRuntime, ONE_LINE } from "../workspace.ts";

const GOALS: Readonly<Record<BenchRuntime["family"], number>> = { node: 1.15, bun: 1.8, deno: 1.25 };

type Program = Omit<TimedProgram, "env">;

/** What a command costs that finds a valid token. */
export const token: Topic = {
  name: "token",
  title: "A command that finds a valid token",
  about:
    "Whole processes that print the stored access token. By hand, the same file is read and parsed with what the runtime " +
    'offers; with a keychain the record stays sealed then. "What a session loads" is `resolveToken()` of a token that it is ' +
    "given. MSAL keeps its cache by its extensions, in a file or whole in the keychain; the endpoints of the issuer are " +
    "given to it, it would ask for them otherwise.",
  async prepare(bench: Bench): Promise<Group[]> {
    const files = await fileGroups(bench);
    return bench.isBrief ? files : [...files, ...await keychainGroups(bench)];
  },
};

async function fileGroups(bench: Bench): Promise<Group[]> {
  const session = await storeSession(bench);
  const msal = bench.isBrief ? undefined : await storeMsalSession(bench);
  const runtimes = bench.isBrief ? bench.runtimes : [...bench.runtimes, bench.sources];
  return await Promise.all(runtimes.map(async (runtime): Promise<Group> => {
    const { family, label } = runtime;
    const byHand = readingProgram(session, family);
    const parts: Program[] = [
      { label: "the same, with a package of one line", source: `import "${ONE_LINE}";\n${byHand}`, every: 2 },
      {
        label: "import and constructor alone",
        source: clientProgram(session, "file", "typeof auth"),
        every: 2,
      },
      { label: "the same, and what a session loads", source: givenTokenProgram(session), every: 2 },
    ];
    const line = (program: Program) => processLine(runtime, { ...program, env: session.env });
    return {
      label: `${label}: valid token in a file`,
      unit: "ms",
      own: await line({ label: "getAccessToken()", source: tokenProgram(session, "file") }),
      others: [
        await line({ label: "read and parse", source: byHand }),
        ...await Promise.all(bench.isBrief ? [] : parts.map(line)),
        ...msal && runtime !== bench.sources ? [await msalLine(runtime, msal)] : [],
      ],
      goal: GOALS[family],
    };
  }));
}

async function keychainGroups(bench: Bench): Promise<Group[]> {
  if (SECRET_SERVICE.missing !== undefined) {
    console.log(`Without a keychain: ${SECRET_SERVICE.missing}`);
    return [];
  }
  const keyring = await startKeyring();
  bench.resources.defer(() => keyring.close());
  const options = { storage: "keychain", env: keyring.env } as const;
  const session = await storeSession(bench, options);
  const msal = await storeMsalSession(bench, options);
  return await Promise.all(bench.runtimes.map(async (runtime): Promise<Group> => {
    const line = (program: Program) => processLine(runtime, { ...program, env: session.env });
    return {
      label: `${runtime.label}: valid token, under a key in the keychain`,
      unit: "ms",
      own: await line({ label: "getAccessToken()", source: tokenProgram(session, "keychain") }),
      others: [
        await line({ label: "read and parse", source: sealedReadingProgram(session, runtime.family) }),
        await line({ label: "@napi-rs/keyring alone", source: KEYRING_PROGRAM, every: 2 }),
        await msalLine(runtime, msal),
      ],
    };
  }));
}

/** Returns a program that creates the client and prints an expression of `auth`. */
function clientProgram(
  { clientId, issuer }: StoredSession,
  storage: "file" | "keychain",
  printed: string,
): string {
  return `
    import { ClerkCliAuth } from "@clerk/cli-auth";
    const auth = new ClerkCliAuth(${JSON.stringify({ clientId, issuer, storage })});
    console.log(${printed});
  `;
}

/** Returns a program that gets the access token from this package. */
export function tokenProgram(session: StoredSession, storage: "file" | "keychain"): string {
  return clientProgram(session, storage, "await auth.getAccessToken()");
}

/** Loads everything that a stored token takes, except its file. */
function givenTokenProgram(session: StoredSession): string {
  return clientProgram(session, "file", `(await auth.resolveToken({ tokenFromArg: "given" })).token`);
}

/** Looks for a keychain item through the native binding. */
const KEYRING_PROGRAM = `
  import { Entry } from "@napi-rs/keyring";
  const entry = new Entry("clerk-cli-auth", "benchmark", { linux: { store: "secret-service" } });
  console.log(typeof entry.getPassword());
`;

/** MSAL, which finds the access token in its cache, or refreshes it if it has expired. */
export function msalLine(
  runtime: BenchRuntime,
  { configuration, storage, path, service, env, restore }: MsalSession,
): Promise<Line> {
  const [persistence, place] = storage === "file"
    ? ["FilePersistence", [path]]
    : ["LibSecretPersistence", [path, service, "tokens"]];
  const source = `
    import { PublicClientApplication } from "@azure/msal-node";
    import { ${persistence}, PersistenceCachePlugin } from "@azure/msal-node-extensions";
    const persistence = await ${persistence}.create(...${JSON.stringify(place)});
    const application = new PublicClientApplication({
      ...${JSON.stringify(configuration)},
      cache: { cachePlugin: new PersistenceCachePlugin(persistence) },
    });
    const [account] = await application.getTokenCache().getAllAccounts();
    const { accessToken } = await application.acquireTokenSilent({ account, scopes: ["email"] });
    console.log(accessToken);
  `;
  return processLine(runtime, {
    label: "MSAL with its extensions",
    source,
    env,
    before: restore,
    needsScripts: true,
    every: 4,
  });
}
