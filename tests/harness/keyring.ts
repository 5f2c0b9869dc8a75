import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Requirement } from "./requirement.ts";

const COMMANDS = ["dbus-run-session", "dbus-monitor", "gnome-keyring-daemon", "secret-tool"];
const INSTALL = "apt-get install --no-install-recommends gnome-keyring dbus libsecret-tools";

/** The programs of a Secret Service on this machine. */
export const SECRET_SERVICE: Requirement = {
  missing: COMMANDS.every(isOnPath) ? undefined : `there is no Secret Service: ${INSTALL}`,
};

export interface KeyringOptions {
  /**
   * Who serves the Secret Service: a real daemon, one that never answers, or nobody.
   * @default "daemon"
   */
  service?: "daemon" | "hanging" | "none";
  /**
   * What happens to a prompt: it is dismissed at once, or never answered.
   * @default "dismissed"
   */
  prompts?: "dismissed" | "unanswered";
  /**
   * Whether there is a collection to store in.
   * @default true
   */
  hasCollection?: boolean;
}

/** A Secret Service in its own D-Bus session. */
export interface Keyring {
  /** The environment of a program that uses it. */
  env: Record<string, string>;
  /** A file that exists once a service was called that never answers. */
  calledFile: string;
  /** Ends the daemon and starts another one, with the same items, locked. */
  lock(): Promise<void>;
  /** Ends the daemon and starts another one, with the same items, unlocked. */
  restart(): Promise<void>;
  /** Returns what `secret-tool` prints for an item; empty if there is none. */
  lookUp(service: string, username: string): Promise<string>;
  /** Ends the session and removes what it stored. */
  close(): Promise<void>;
}

const SECRETS = "org.freedesktop.secrets";
const PROMPTER = "org.gnome.keyring.SystemPrompter";

/** Starts an empty Secret Service, unlocked with an empty line as its password. */
export async function startKeyring(options: KeyringOptions = {}): Promise<Keyring> {
  const { service = "daemon", prompts = "dismissed", hasCollection = true } = options;
  if (SECRET_SERVICE.missing !== undefined) {
    throw new Error(`Cannot start a keyring: ${SECRET_SERVICE.missing}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "keyring-"));
  const folders = { XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: join(folder, "config") };
  const silent = [
    ...(service === "hanging" ? [SECRETS] : []),
    ...(prompts === "unanswered" ? [PROMPTER] : []),
  ];
  const bus = await startBus(folder, { silent, env: folders });
  const env = { ...folders, DBUS_SESSION_BUS_ADDRESS: bus.address };
  const password = hasCollection ? "\n" : "";
  let daemon = service === "daemon" ? await startDaemon(bus, { env, password }) : undefined;
  const startAgain = async (options: Pick<DaemonOptions, "password">) => {
    await daemon?.end();
    daemon = await startDaemon(bus, { env, ...options });
  };
  return {
    env,
    calledFile: bus.calledFile,
    lock: () => startAgain({}),
    restart: () => startAgain({ password }),
    async lookUp(service, username) {
      const names = ["lookup", "service", service, "username", username];
      const found = promisify(execFile)("secret-tool", names, { env: { ...process.env, ...env } });
      return (await found.catch(() => ({ stdout: "" }))).stdout;
    },
    async close() {
      try {
        await daemon?.end();
      } finally {
        await bus.close();
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

/**
 * Says where the bus is, and a line each time the Secret Service comes or goes. The session lasts as long as its standard
 * input: should the test die, it ends as well, and the daemon with it.
 */
const SESSION = `
  echo "$DBUS_SESSION_BUS_ADDRESS"
  dbus-monitor --session --profile "type='signal',member='NameOwnerChanged',arg0='${SECRETS}'" &
  cat
  kill $!
`;

/** What `dbus-monitor` writes once it watches. */
const WATCHING = /\bNameLost$/;

/** A bus in a session of its own. */
interface Bus {
  address: string;
  calledFile: string;
  /** Resolves when the Secret Service has come or gone once more. */
  serviceChanged(): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a bus with no services but some that never answer. */
async function startBus(
  folder: string,
  { silent, env }: { silent: string[]; env: Record<string, string> },
): Promise<Bus> {
  const services = join(folder, "services");
  const calledFile = join(folder, "called");
  await mkdir(services);
  for (const name of silent) {
    const command = `/bin/sh -c "touch ${calledFile}; while kill -0 $PPID; do sleep 1; done"`;
    await writeFile(
      join(services, `${name}.service`),
      `[D-BUS Service]\nName=${name}\nExec=${command}\n`,
    );
  }
  const config = join(folder, "bus.conf");
  await writeFile(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
      "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig>
      <type>session</type>
      <listen>unix:path=${folder}/bus</listen>
      <servicedir>${services}</servicedir>
      <policy context="default">
        <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
      </policy>
    </busconfig>`,
  );
  const session = spawn("dbus-run-session", [`--config-file=${config}`, "--", "sh", "-c", SESSION], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(session, "exit");
  const lines = createInterface({ input: session.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("The D-Bus session ended by itself");
    return value;
  };
  const address = await nextLine();
  while (!WATCHING.test(await nextLine()));
  return {
    address,
    calledFile,
    serviceChanged: nextLine,
    async close() {
      session.stdin.end();
      await ended;
    },
  };
}

interface DaemonOptions {
  env: Record<string, string>;
  /** Unlocks the collection; without one it stays locked. */
  password?: string;
}

interface Daemon {
  /** Ends it; rejects if it had already ended. */
  end(): Promise<void>;
}

async function startDaemon({ serviceChanged }: Bus, { env, password }: DaemonOptions): Promise<Daemon> {
  const unlock = password === undefined ? [] : ["--unlock"];
  const daemon = spawn("gnome-keyring-daemon", ["--foreground", ...unlock, "--components=secrets"], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "ignore", "ignore"],
  });
  let isWanted = true;
  const ended = once(daemon, "exit").then(([code, signal]) => {
    if (isWanted) throw new Error(`The keyring daemon ended by itself (${signal ?? code})`);
  });
  ended.catch(() => {}); // Told when it is waited for.
  daemon.stdin.end(password);
  await Promise.race([serviceChanged(), ended]);
  return {
    async end() {
      isWanted = false;
      daemon.kill();
      await ended;
      await serviceChanged();
    },
  };
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      // Not in this directory.
      return false;
    }
  });
}
