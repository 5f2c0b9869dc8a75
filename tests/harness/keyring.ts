import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import type { Requirement } from "./requirement.ts";

const COMMANDS = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"];
const INSTALL = "apt-get install --no-install-recommends gnome-keyring dbus libsecret-tools";

/** The programs of a Secret Service on this machine. */
export const SECRET_SERVICE: Requirement = {
  missing: COMMANDS.every(isOnPath) ? undefined : `there is no Secret Service: ${INSTALL}`,
};

/** A Secret Service in a D-Bus session of its own. */
export interface Keyring {
  /** What a program must have in its environment to use it. */
  env: Record<string, string>;
  /** Ends the session and removes what it stored. */
  close(): Promise<void>;
}

/** Unlocks a new collection with an empty line as its password, waits until the bus knows the service, and says so. */
const SESSION = `
echo | gnome-keyring-daemon --unlock --components=secrets >&2
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \\
  string:org.freedesktop.secrets | grep -q "boolean true"; do sleep 0.02; done
echo "ready $DBUS_SESSION_BUS_ADDRESS"
cat
`;

/** Starts a Secret Service that is unlocked and empty. */
export async function startKeyring(): Promise<Keyring> {
  if (SECRET_SERVICE.missing !== undefined) {
    throw new Error(`Cannot start a keyring: ${SECRET_SERVICE.missing}`);
  }
  const folder = await mkdtemp(join(tmpdir(), "keyring-"));
  const folders = { XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder };
  // It lasts as long as its standard input: should the test die, the session ends as well.
  const session = spawn("dbus-run-session", ["--", "sh", "-c", SESSION], {
    env: { ...process.env, ...folders },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(session, "exit");
  const address = await Promise.race([readAddress(session.stdout), ended.then(() => undefined)]);
  if (address === undefined) throw new Error("The D-Bus session ended before its keyring was ready");
  return {
    env: { ...folders, DBUS_SESSION_BUS_ADDRESS: address },
    async close() {
      session.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function readAddress(stdout: NodeJS.ReadableStream): Promise<string | undefined> {
  let text = "";
  for await (const chunk of stdout) {
    text += chunk;
    const address = /^ready (.+)$/m.exec(text)?.[1];
    if (address !== undefined) return address;
  }
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}
