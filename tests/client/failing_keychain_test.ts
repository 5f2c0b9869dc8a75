import { createEmulator } from "@clerk/cli-auth/testing";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ClientContext, logout, replaceSession, revokePrevious } from "../doors/client.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { createFakeKeyring, type FakeKeyring } from "../harness/fake_keyring.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import { createLocalContext } from "./support/local_context.ts";

const { signal } = new AbortController();

/** Pseudo-random numbers from 0 to 1. */
function numbersFrom(seed: number): () => number {
  return () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** Makes one in ten calls of a keychain fail: far more than any real one. */
function failing(keyring: FakeKeyring, random: () => number): FakeKeyring {
  return {
    ...keyring,
    load: async () => {
      if (random() < 0.1) throw new Error("broken");
      return await keyring.load();
    },
  };
}

describe("with a keychain that sometimes fails", () => {
  for (const seed of IS_THOROUGH ? [1, 20, 300] : [20]) {
    it(`whatever reports success leaves one live grant after a login, and none after a logout (${seed})`, async () => {
      const folder = await makeTemporaryFolder();
      const random = numbersFrom(seed);
      const keyring = createFakeKeyring();
      const emulator = createEmulator({ behavior: { accessTokenFormat: "opaque", idTokenFormat: "opaque" } });
      const open = (): Promise<ClientContext> =>
        createLocalContext({
          emulator,
          folder: folder.path,
          storage: "keychain",
          keyring: failing(keyring, random),
        });
      const live = new Set<string>();
      const forgetRevoked = () => {
        for (const { endpoint, form, status } of emulator.requests.splice(0)) {
          if (endpoint === "revoke" && status === 200) live.delete(form.token!);
        }
      };
      let failures = 0;
      for (let turn = 0; turn < 200; turn++) {
        const context = await open();
        if (random() < 0.6) {
          const { refreshToken, ...others } = await emulator.issueTokens();
          const tokens = { ...others, refreshToken: refreshToken! };
          live.add(tokens.refreshToken);
          const previous = await replaceSession(context, tokens).catch(() => undefined);
          if (previous) {
            await revokePrevious(context, { tokens, previous, signal });
            forgetRevoked();
            assertEquals([...live], [tokens.refreshToken]);
          } else {
            live.delete(tokens.refreshToken); // The login revokes what it cannot store.
            failures++;
          }
        } else {
          const { revocations } = await logout(context);
          forgetRevoked();
          const isClean = revocations.every(({ error }) => error === undefined);
          if (isClean) assertEquals([...live], []);
          if (!isClean) failures++;
        }
      }
      await logout(await createLocalContext({ emulator, folder: folder.path, storage: "keychain", keyring }));
      forgetRevoked();
      assertEquals([...live], []);
      assert(failures > 0);
      await folder.remove();
    });
  }
});
