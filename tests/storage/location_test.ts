import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  credentialFilePath,
  type CredentialScope,
  isWithin,
  keychainUsername,
  keyLockPath,
  parentDirectory,
  sealedFilePath,
  sealedKeyIds,
} from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const SCOPE: CredentialScope = { application: "client1", environment: "default" };
const HOME = { homeDirectory: "/home/ada" };

async function pathOf(scope: Partial<CredentialScope>, options: FakeRuntimeOptions = HOME): Promise<string> {
  return credentialFilePath(await createFakeRuntime({ platform: "linux", ...options }), {
    ...SCOPE,
    ...scope,
  });
}

describe("credentialFilePath()", () => {
  const places: [what: string, options: FakeRuntimeOptions, expected: string][] = [
    [
      "in XDG_CONFIG_HOME",
      { ...HOME, env: { XDG_CONFIG_HOME: "/elsewhere" } },
      "/elsewhere/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in ~/.config if it is not set",
      HOME,
      "/home/ada/.config/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in ~/.config if it is relative, as the XDG specification says",
      { ...HOME, env: { XDG_CONFIG_HOME: "elsewhere" } },
      "/home/ada/.config/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in XDG_CONFIG_HOME on macOS",
      { ...HOME, platform: "darwin", env: { XDG_CONFIG_HOME: "/elsewhere" } },
      "/elsewhere/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in %LOCALAPPDATA% on Windows",
      { platform: "windows", env: { LOCALAPPDATA: "D:\\Local", XDG_CONFIG_HOME: "/elsewhere" } },
      "D:\\Local\\clerk-cli-auth\\client1\\credentials@default.json",
    ],
    [
      "under the Windows home directory if that is not set",
      { platform: "windows", homeDirectory: "C:\\Users\\Ada" },
      "C:\\Users\\Ada\\AppData\\Local\\clerk-cli-auth\\client1\\credentials@default.json",
    ],
  ];
  for (const [what, options, expected] of places) {
    it(`is ${what}`, async () => assertEquals(await pathOf({}, options), expected));
  }

  it("fails without a home directory, and says what to set", async () => {
    const error = await caught(() => pathOf({}, {}));
    assertEquals(error.code, "storage");
    assertEquals(error.message, "Cannot tell where to keep credentials: there is no home directory");
    assertMatch(error.action, /HOME/);
  });

  it("differs by application, environment and profile", async () => {
    const paths = await Promise.all([
      pathOf({}),
      pathOf({ application: "client2" }),
      pathOf({ environment: "staging" }),
      pathOf({ profile: "work" }),
      pathOf({ profile: "default" }),
      pathOf({ environment: "default@work" }),
      pathOf({ environment: "Staging" }),
      pathOf({ environment: "work" }),
    ]);
    assertEquals(new Set(paths).size, paths.length);
  });

  it("differs even if a file system ignores case", async () => {
    for (const name of ["application", "environment", "profile"]) {
      const paths = await Promise.all([pathOf({ [name]: "aBc" }), pathOf({ [name]: "abC" })]);
      assertEquals(new Set(paths.map((path) => path.toLowerCase())).size, 2, name);
    }
  });

  const traversals = [
    "..",
    ".",
    "../../etc",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "C:\\x",
    "a\u0000b",
    "a b",
    "ключ",
    "~",
  ];
  for (const name of traversals) {
    it(`stays in its directory for the name ${JSON.stringify(name)}`, async () => {
      for (const scope of [{ application: name }, { environment: name }, { profile: name }]) {
        const path = await pathOf(scope);
        assertMatch(path, /^\/home\/ada\/\.config\/clerk-cli-auth\/[\w%-]+\/credentials@[\w@%-]+\.json$/);
      }
    });
  }

  it("percent-encodes what could be special to a file system", async () => {
    assertEquals(
      await pathOf({ application: "a b\n", environment: "Ж", profile: "%" }),
      "/home/ada/.config/clerk-cli-auth/a%20b%0a/credentials@%d0%96@%25.json",
    );
  });

  it("distinguishes encoded names from names that look encoded", async () => {
    assert(await pathOf({ environment: "a/b" }) !== await pathOf({ environment: "a%2fb" }));
  });
});

describe("parentDirectory()", () => {
  const folders: [path: string, platform: "linux" | "windows", expected: string][] = [
    ["/a/b/c.json", "linux", "/a/b"],
    ["/c.json", "linux", "/"],
    ["c.json", "linux", "."],
    ["a/c.json", "linux", "a"],
    ["a\\c.json", "linux", "."],
    ["C:\\a\\c.json", "windows", "C:\\a"],
    ["C:/a/c.json", "windows", "C:/a"],
  ];
  for (const [path, platform, expected] of folders) {
    it(`of ${path} on ${platform} is ${expected}`, async () => {
      assertEquals(parentDirectory(await createFakeRuntime({ platform }), path), expected);
    });
  }
});

describe("keychainUsername()", () => {
  it("identifies one application and environment, and no other", () => {
    assertEquals(keychainUsername(SCOPE), "client1@default");
    assertEquals(keychainUsername({ ...SCOPE, profile: "work" }), "client1@default");
    assertEquals(keychainUsername({ application: "a@b", environment: "50%" }), "a%40b@50%25");
  });
});

describe("keyLockPath()", () => {
  it("is next to the credential files, and names whose key it is", async () => {
    const path = "/config/credentials@default@work.json";
    assertEquals(
      keyLockPath(await createFakeRuntime({ platform: "linux" }), path, "Client@x"),
      "/config/keychain@%43lient%40x",
    );
    const windows = await createFakeRuntime({ platform: "windows" });
    assertEquals(keyLockPath(windows, "C:\\config\\a.json", "client"), "C:\\config\\keychain@client");
  });
});

describe("sealedKeyIds()", () => {
  const ID = "0123456789abcdef";

  it("finds the files that sealedFilePath() names", () => {
    const path = "/config/credentials@default.json";
    assertEquals(sealedFilePath(path, ID), `/config/credentials@default.${ID}.sealed`);
    assertEquals(sealedKeyIds(path, [`credentials@default.${ID}.sealed`, "credentials@default.json"]), [ID]);
  });

  it("finds them even if the credential file has its own name", () => {
    for (const path of ["/config/.json.own", "/config/own"]) {
      const sealed = sealedFilePath(path, ID);
      assertEquals(sealed, `${path}.${ID}.sealed`);
      assertEquals(sealedKeyIds(path, [sealed.slice("/config/".length)]), [ID]);
    }
  });

  it("finds no others", () => {
    const others = [
      `credentials@other.${ID}.sealed`,
      `credentials@another.${ID}.sealed`,
      `credentials@default.${ID}.backup`,
      `credentials@default.${ID}.json`,
      `credentials@default.${ID}0.sealed`,
      `credentials@default.0${ID}.sealed`,
      `credentials@default.${ID.slice(1)}.sealed`,
      `credentials@default.${ID.toUpperCase()}.sealed`,
      `credentials@default.${ID}.sealed.corrupt`,
      `credentials@default.${ID}.sealed.0123456789abcdef.tmp`,
    ];
    assertEquals(sealedKeyIds("/config/credentials@default.json", others), []);
  });
});

describe("isWithin()", () => {
  const paths: [folder: string, path: string, platform: "linux" | "windows", expected: boolean][] = [
    ["/a", "/a/b", "linux", true],
    ["/a", "/ab", "linux", false],
    ["/a", "/", "linux", false],
    ["/", "/a", "linux", true],
    ["a", "a/b", "linux", true],
    ["C:\\a", "C:\\a\\b", "windows", true],
    ["C:\\a", "C:\\ab", "windows", false],
    ["C:\\", "C:\\b", "windows", true],
  ];
  for (const [folder, path, platform, expected] of paths) {
    it(`of ${path} in ${folder} on ${platform} is ${expected}`, async () => {
      assertEquals(isWithin(await createFakeRuntime({ platform }), folder, path), expected);
    });
  }
});
