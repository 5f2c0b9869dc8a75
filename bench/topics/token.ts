import { SECRET_SERVICE, startKeyring } from "../../tests/harness/keyring.ts";
import type { Bench, Group, Topic } from "../bench.ts";
import { type TimedProgram, timePrograms } from "../measure/process_group.ts";
import type { BenchRuntime } from "../measure/runtimes.ts";
import { type MsalSession, storeMsalSession } from "../measure/msal_session.ts";
import { MSAL_LABEL } from "../measure/packages.ts";
import { type StoredSession, storeSession } from "../measure/stored_session.ts";
import { msalProgram } from "./msal_programs.ts";
import {
  bindingProgram,
  floorProgram,
  givenTokenProgram,
  googleProgram,
  loadingProgram,
  ownProgram,
  packagedFloorProgram,
  sealedFloorProgram,
} from "./token_programs.ts";

/** What a command pays that finds a valid token. */
export const token: Topic = {
  name: "token",
  title: "A command that finds a valid token",
  about:
    "Whole processes that print the stored access token. The floor reads and parses the same file with what the " +
    "runtime offers, and does nothing else; with a keychain it leaves the record sealed. A package of one line shows what " +
    'the runtime takes to find any; "what a session loads" is `resolveToken()` of a token that it is given. `google-auth-library` keeps ' +
    "nothing: the file is read for it. MSAL keeps its cache by its extensions, in a file or whole in the keychain; the " +
    "endpoints of the issuer are given to it, it would ask for them otherwise.",
  async measure(bench: Bench): Promise<Group[]> {
    return [...await measureFile(bench), ...await measureKeychain(bench)];
  },
};

async function measureFile(bench: Bench): Promise<Group[]> {
  const sessions = { session: await storeSession(bench), msal: await storeMsalSession(bench) };
  const groups: Group[] = [];
  for (const runtime of bench.runtimes) {
    groups.push(
      await timePrograms(runtime, filePrograms(runtime, sessions), {
        label: `${runtime.label}, credentials in a file`,
        goal: "≤ 1.15 × floor",
        rounds: bench.isQuick ? 2 : roundsOn(runtime),
      }),
    );
  }
  return groups;
}

/** No user runs the sources. */
function roundsOn({ build }: BenchRuntime): number {
  return build === "sources" ? 10 : 28;
}

interface Sessions {
  session: StoredSession;
  msal: MsalSession;
}

function filePrograms({ family, build }: BenchRuntime, { session, msal }: Sessions): TimedProgram[] {
  const { env } = session;
  const packaged = packagedFloorProgram(session, family);
  const programs: TimedProgram[] = [
    { label: "read and parse the file", role: "floor", source: floorProgram(session, family), env },
    { label: "getAccessToken()", role: "own", source: ownProgram(session, "file"), env },
    { label: "the floor, with a package of one line", role: "part", source: packaged, env },
    { label: "import and constructor alone", role: "part", source: loadingProgram(session), env },
    { label: "the same, and what a session loads", role: "part", source: givenTokenProgram(session), env },
  ];
  if (build === "sources") return programs;
  const google = googleProgram(session, family);
  return [
    ...programs,
    { label: "google-auth-library", role: "peer", source: google, env, every: 4 },
    msalPeer(msal),
  ];
}

function msalPeer(session: MsalSession): TimedProgram {
  const { env } = session;
  return { label: MSAL_LABEL, role: "peer", source: msalProgram(session), env, needsScripts: true, every: 4 };
}

async function measureKeychain(bench: Bench): Promise<Group[]> {
  if (SECRET_SERVICE.missing !== undefined) {
    console.log(`Without a keychain: ${SECRET_SERVICE.missing}`);
    return [];
  }
  const keyring = await startKeyring();
  try {
    const options = { storage: "keychain", env: keyring.env } as const;
    const session = await storeSession(bench, options);
    const sessions = { session, msal: await storeMsalSession(bench, options) };
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      groups.push(
        await timePrograms(runtime, keychainPrograms(runtime, sessions), {
          label: `${runtime.label}, credentials under a key in the keychain`,
          rounds: bench.isQuick ? 2 : 16,
        }),
      );
    }
    return groups;
  } finally {
    await keyring.close();
  }
}

function keychainPrograms({ family }: BenchRuntime, { session, msal }: Sessions): TimedProgram[] {
  const { env } = session;
  return [
    { label: "read and parse the file", role: "floor", source: sealedFloorProgram(session, family), env },
    { label: "getAccessToken()", role: "own", source: ownProgram(session, "keychain"), env },
    { label: "@napi-rs/keyring alone", role: "peer", source: bindingProgram(), env },
    msalPeer(msal),
  ];
}
