import type { Runtime } from "../../runtime/runtime.ts";
import { Marshalled } from "./dbus/marshalled.ts";
import type { MethodCall } from "./dbus/message.ts";
import { SessionBus } from "./dbus/session_bus.ts";
import type { ItemName } from "./keychain_item.ts";
import { withDeadline } from "./with_deadline.ts";

/**
 * What the Secret Service says without a prompt: that something is locked; nothing in time; `unknown` when it could not
 * be asked, or failed.
 */
export type Refusal = "locked" | "unanswered" | "unknown";

/** As long as the binding waits for an answer to a call. */
const DEADLINE_MS = 2_000;

const SERVICE = "org.freedesktop.secrets";
const SERVICE_PATH = "/org/freedesktop/secrets";
const SERVICE_INTERFACE = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE = "org.freedesktop.Secret.Collection";
const ITEM_INTERFACE = "org.freedesktop.Secret.Item";

/** A session in which secrets are sent as they are: the socket of the bus is open to nobody but the user. */
const OPEN_SESSION: MethodCall = {
  destination: SERVICE,
  path: SERVICE_PATH,
  interface: SERVICE_INTERFACE,
  member: "OpenSession",
  signature: "sv",
  body: new Marshalled().string("plain").signature("s").string(""),
};

/**
 * Reads the secret of an item, `null` when there is none. The binding reads it, too, but it prompts at once where the
 * item is locked, and its call then neither returns nor lets the process end until somebody answers. Having to ask
 * before whether it is locked, one can as well ask for the secret, and need not load the binding.
 */
export async function readSecret(
  runtime: Runtime,
  { service, username }: ItemName,
): Promise<{ secret: string | null } | Refusal> {
  return await askSecretService(runtime, async (bus) => {
    const [session, items] = await bus.call(OPEN_SESSION, {
      destination: SERVICE,
      path: SERVICE_PATH,
      interface: SERVICE_INTERFACE,
      member: "SearchItems",
      signature: "a{ss}",
      body: new Marshalled().dictionary({ service, username }),
    });
    const [unlocked] = items!.strings();
    if (unlocked === undefined) return items!.strings().length > 0 ? "locked" : { secret: null };
    session!.signature();
    session!.string(); // What a session that is encrypted would have to know.
    const [secret] = await bus.call({
      destination: SERVICE,
      path: unlocked,
      interface: ITEM_INTERFACE,
      member: "GetSecret",
      signature: "o",
      body: new Marshalled().string(session!.string()),
    });
    secret!.string(); // The session again, then the parameters of its encryption.
    secret!.bytes();
    return { secret: new TextDecoder().decode(secret!.bytes()) };
  });
}

/** Whether items can be created without a prompt. */
export async function collectionState(runtime: Runtime): Promise<"open" | Refusal> {
  return await askSecretService(runtime, async (bus) => {
    const [property] = await bus.call({
      destination: SERVICE,
      path: `${SERVICE_PATH}/aliases/default`,
      interface: "org.freedesktop.DBus.Properties",
      member: "Get",
      signature: "ss",
      body: new Marshalled().string(COLLECTION_INTERFACE).string("Locked"),
    });
    property!.signature();
    return property!.uint32() === 0 ? "open" : "locked";
  });
}

async function askSecretService<T>(
  runtime: Runtime,
  ask: (bus: SessionBus) => Promise<T>,
): Promise<T | "unanswered" | "unknown"> {
  const path = busPath(runtime);
  if (path === undefined) return "unknown";
  const connecting = runtime.connectLocal(path);
  try {
    const asking = async () => ({ answer: await ask(new SessionBus(await connecting)) });
    return (await withDeadline(asking, DEADLINE_MS))?.answer ?? "unanswered";
  } catch {
    return "unknown"; // The binding will say what is wrong.
  } finally {
    connecting.then((socket) => socket.close(), () => {});
  }
}

/** The session bus, where it is a socket in the file system, as `libdbus` finds it. */
function busPath(runtime: Runtime): string | undefined {
  const address = runtime.env("DBUS_SESSION_BUS_ADDRESS");
  if (address !== undefined) return /^unix:(?:[^;]*,)?path=([^,;]+)/.exec(address)?.[1];
  const folder = runtime.env("XDG_RUNTIME_DIR");
  return folder && `${folder}/bus`;
}
