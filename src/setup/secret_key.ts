import type { ResolvedIo, Screen } from "../commands/screen.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../core/errors.ts";

/** Where the key may come from. */
export interface KeySource {
  io: ResolvedIo;
  screen: Screen;
  env: (name: string) => string | undefined;
}

const VARIABLE = "CLERK_SECRET_KEY";

/**
 * Takes the secret key from the environment, or asks for it, hidden. A production key is only used once somebody confirms.
 *
 * @throws {ClerkCliAuthError} `config` if there is none, or it is not a secret key; `cancelled` if nobody confirmed.
 */
export async function readSecretKey(
  source: KeySource,
  { isLiveConfirmed }: { isLiveConfirmed: boolean },
): Promise<string> {
  const secretKey = source.env(VARIABLE)?.trim() || await askForKey(source);
  if (!/^sk_(?:test|live)_[\x21-\x7e]+$/.test(secretKey)) {
    throw new ClerkCliAuthError("config", "Not a Clerk secret key: expected sk_test_… or sk_live_…");
  }
  if (secretKey.startsWith("sk_live_") && !isLiveConfirmed) await confirmLive(source);
  return secretKey;
}

async function askForKey({ io: { stdin }, screen }: KeySource): Promise<string> {
  if (!stdin.isTerminal) {
    throw new ClerkCliAuthError("config", `There is no secret key: ${VARIABLE} is not set`, {
      action: `Set ${VARIABLE}; it is in Clerk's dashboard, under API keys`,
    });
  }
  screen.say("Paste the secret key of your Clerk instance (it stays hidden) and press Enter:");
  return (await stdin.readLine({ hidden: true }))?.trim() ?? "";
}

async function confirmLive({ io: { stdin }, screen }: KeySource): Promise<void> {
  screen.warn("This is the key of a production instance.");
  if (!stdin.isTerminal) {
    throw new ClerkCliAuthError("config", "Nobody can be asked whether production is meant", {
      action: "Run it again with --live if it is",
      exitCode: EXIT_CODE.GENERAL,
    });
  }
  screen.say('Type "yes" to create the OAuth application there:');
  if ((await stdin.readLine())?.trim() === "yes") return;
  throw new ClerkCliAuthError("cancelled", "Nothing was created", { exitCode: EXIT_CODE.GENERAL });
}
