import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { credentialFilePath, type CredentialScope, parentFolder } from "../../src/storage/location.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const SCOPE: CredentialScope = { application: "client1", environment: "default" };
const HOME = { homeFolder: "/home/ada" };

async function pathOf(scope: Partial<CredentialScope>, options: FakeRuntimeOptions = HOME): Promise<string> {
  return credentialFilePath(await createFakeRuntime(options), { ...SCOPE, ...scope });
}

describe("credentialFilePath()", () => {
  const places: [what: string, options: FakeRuntimeOptions, expected: string][] = [
    [
      "in XDG_CONFIG_HOME",
      { ...HOME, env: { XDG_CONFIG_HOME: "/elsewhere" } },
      "/elsewhere/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in ~/.config where it is not set",
      HOME,
      "/home/ada/.config/clerk-cli-auth/client1/credentials@default.json",
    ],
    [
      "in ~/.config where it is relative, as the XDG specification says",
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
      "below the home folder of Windows where that is not set",
      { platform: "windows", homeFolder: "C:\\Users\\Ada" },
      "C:\\Users\\Ada\\AppData\\Local\\clerk-cli-auth\\client1\\credentials@default.json",
    ],
  ];
  for (const [what, options, expected] of places) {
    it(`is ${what}`, async () => assertEquals(await pathOf({}, options), expected));
  }

  it("is nowhere without a home folder, and says what to set", async () => {
    const error = await caught(() => pathOf({}, {}));
    assertEquals(error.code, "storage");
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

  it("differs also where a file system does not tell capitals", async () => {
    const paths = await Promise.all([pathOf({ environment: "staging" }), pathOf({ environment: "Staging" })]);
    assertEquals(new Set(paths.map((path) => path.toLowerCase())).size, 2);
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
    it(`stays in its folder for the name ${JSON.stringify(name)}`, async () => {
      for (const scope of [{ application: name }, { environment: name }, { profile: name }]) {
        const path = await pathOf(scope);
        assertMatch(path, /^\/home\/ada\/\.config\/clerk-cli-auth\/[\w%-]+\/credentials@[\w@%-]+\.json$/);
      }
    });
  }

  it("tells apart what is encoded and what looks so", async () => {
    assert(await pathOf({ environment: "a/b" }) !== await pathOf({ environment: "a%2fb" }));
  });
});

describe("parentFolder()", () => {
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
      assertEquals(parentFolder(await createFakeRuntime({ platform }), path), expected);
    });
  }
});
