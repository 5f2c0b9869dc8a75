import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import type { AuthEvent } from "@clerk/cli-auth";
import type {
  ErrorReport,
  LoginActionReport,
  LoginProgressReport,
  ProfileReport,
  SignedInReport,
  SignOutReport,
} from "@clerk/cli-auth/commands";
import { createScriptedBrowser, type SignInOptions } from "@clerk/cli-auth/testing";
import { onFakeClock } from "../harness/fake_clock.ts";
import { setClock } from "../harness/system_clock.ts";
import { untilPushed } from "../harness/until_pushed.ts";
import { type Bench, createBench, type Ran, TOKEN_VARIABLE } from "./support/bench.ts";

/** To the issuer, no poll is too early. */
const AT_ONCE = 0.001;
/** The shortest pause of a client between its polls. */
const INTERVAL_MS = 100;

let bench: Bench;
let passedMs: number;

beforeEach(async () => {
  bench = await createBench();
  bench.emulator.behavior.devicePollIntervalSeconds = AT_ONCE;
  passedMs = 0;
});
afterEach(async () => {
  setClock(0);
  await bench.close();
});

/** Starts a login, after which a poll is due; returns its report. */
async function begin(flags = ""): Promise<LoginActionReport> {
  const { code, out, err } = await bench.run(`login --no-wait --json ${flags}`);
  assertEquals([code, err, out.split("\n").length], [0, "", 2]);
  setClock(passedMs += INTERVAL_MS);
  return JSON.parse(out);
}

/** Completes a login with these flags. It times out once the issuer has been asked for the tokens. */
async function completeInVain(flags: string): Promise<Ran> {
  const seconds = 7;
  return await onFakeClock(async (clock) => {
    const asked = untilPushed(bench.emulator.requests, ({ endpoint }) => endpoint === "token");
    const running = bench.run(`login --complete ${flags} --timeout ${seconds} --json`);
    await Promise.race([asked, running]);
    await clock.advance(1_000 * seconds);
    return await running;
  }, (durationMs) => durationMs === 1_000 * seconds);
}

/** Acts as the user; returns the URL where the browser ends up. */
async function signIn(report: LoginActionReport, options: SignInOptions = {}): Promise<string> {
  const browser = createScriptedBrowser();
  const page = report.method === "device"
    ? await browser.signIn(report.verificationUri, { userCode: report.userCode, ...options })
    : await browser.signIn(report.authorizationUrl, { visitCallback: false, ...options });
  return page.url;
}

/** Runs the next command of a report, as an agent would. */
async function runNext({ next }: LoginActionReport, stdin: string[] = []) {
  assertEquals(next[0], "notes");
  return await bench.run(next.slice(1).join(" "), { stdin });
}

function errorOf(out: string): ErrorReport["error"] {
  return (JSON.parse(out) as ErrorReport).error;
}

const ADA = { kind: "user", name: "Ada Lovelace", email: "ada@example.com" };

describe("login --no-wait and --complete", () => {
  it("sign in with a code, as JSON", async () => {
    const report = await begin();
    assert(report.method === "device");
    const { login, userCode, expiresAt, ...rest } = report;
    assertMatch(userCode, /^[A-Z]{4}-[A-Z]{4}$/);
    assert(Date.parse(expiresAt) > Date.now());
    assertEquals(rest, {
      status: "action_required",
      method: "device",
      verificationUri: `${bench.issuer.replace("127.0.0.1", "localhost")}/device`,
      message: "Only enter it if you started this sign-in yourself, just now.",
      next: ["notes", "login", "--complete", login, "--json"],
    });
    await signIn(report);
    const { code, out, err } = await runNext(report);
    assertEquals([code, err, out.split("\n").length], [0, "", 2]);
    const subject = bench.emulator.user.id;
    assertEquals(JSON.parse(out) as SignedInReport, {
      status: "signed_in",
      account: { subject, ...ADA } as SignedInReport["account"],
      profile: { name: "default", source: "default" },
    });
    assertEquals((await bench.auth().whoami())?.sub, subject);
  });

  it("sign in with a URL from standard input, as JSON", async () => {
    const report = await begin("--paste");
    assert(report.method === "paste");
    assertStringIncludes(report.message, "never as an argument");
    const { code, out } = await runNext(report, [await signIn(report)]);
    assertEquals([code, JSON.parse(out).status], [0, "signed_in"]);
  });

  it("say in words what to do and what to run next, on standard output", async () => {
    const device = (await bench.run("login --no-wait")).out.split("\n");
    assertMatch(device.shift()!, /^Sign in to Notes on any device with a browser, within 10 minutes\. Open$/);
    assertMatch(device.at(-2)!, /^notes login --complete [0-9a-z]{8}$/);
    const paste = (await bench.run("login --no-wait --no-browser")).out.split("\n");
    assertMatch(paste.shift()!, /^Sign in to Notes in any browser, within 15 minutes\. Open$/);
    assertStringIncludes(paste.shift()!, `${bench.issuer}/oauth/authorize?`);
    const command = paste.at(-2)!.split(" ").slice(1).join(" ");
    assertEquals((await bench.run(command, { terminals: ["stdin"] })).code, 1);
    const { err } = await bench.run(command, { terminals: ["stdin"] });
    assertStringIncludes(err, "Paste the URL your browser ended up on (it stays hidden)");
  });

  it("split the name of a program that is a subcommand", async () => {
    const { out } = await bench.run("login --no-wait --json", { name: "acme auth" });
    assertEquals(JSON.parse(out).next.slice(0, 3), ["acme", "auth", "login"]);
  });

  it("keep the given profile, and --force, in the next command", async () => {
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const report = await begin("--profile agent --scopes openid,email --force");
    const { login, next } = report;
    assertEquals(next.slice(3), [login, "--profile", "agent", "--force", "--json"]);
    await signIn(report);
    const { code, out } = await runNext(report);
    assertEquals([code, JSON.parse(out).profile], [0, { name: "agent", source: "flag" }]);
    assertEquals((await bench.auth({ profile: "agent" }).getTokenSet())?.scope, "openid email");
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("do not complete the login of another profile", async () => {
    const { login } = await begin("--profile agent");
    const { code, out } = await bench.run(`login --complete ${login} --json`);
    assertEquals([code, errorOf(out).code], [1, "not_authenticated"]);
  });

  it("fail with 'timeout' while nobody has signed in, and lose nothing", async () => {
    const report = await begin();
    const waiting = await completeInVain(report.login);
    assertEquals([waiting.code, errorOf(waiting.out)], [1, {
      code: "timeout",
      message: "Nobody has signed in yet",
      action: `Run \`notes login --complete ${report.login}\` again`,
      retryable: true,
    }]);
  });

  it("say what to run in the same profile", async () => {
    const choice = "--profile agent --force";
    const { login } = await begin(choice);
    const { out } = await completeInVain(`${login} ${choice}`);
    assertEquals(errorOf(out).action, `Run \`notes login --complete ${login} ${choice}\` again`);
    const unknown = await bench.run("login --complete 00000000 --profile agent --json");
    assertEquals(errorOf(unknown.out).action, "Run `notes login --no-wait --profile agent` to begin anew");
  });

  it("list several pending logins, and exit with 2", async () => {
    const { login } = await begin();
    await begin("--paste");
    const { code, out } = await bench.run("login --complete --json");
    const { message, action } = errorOf(out);
    assertEquals([code, action], [2, "Run `notes login --complete ID` for one of them"]);
    assertStringIncludes(message, login);
  });

  it("complete the only one without its handle", async () => {
    await signIn(await begin());
    assertEquals(
      (await bench.run("login --complete")).err,
      "✓ Signed in as Ada Lovelace (ada@example.com).\n",
    );
  });

  it("fail with 'not_authenticated' once it is completed, and say what to run", async () => {
    const report = await begin();
    await signIn(report);
    await runNext(report);
    const { code, out } = await runNext(report);
    const { code: kind, action } = errorOf(out);
    assertEquals([code, kind, action], [1, "not_authenticated", "Run `notes login --no-wait` to begin anew"]);
  });

  it("keep another account out of someone's profile", async () => {
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login");
    const before = await bench.auth().getTokenSet();
    const report = await begin();
    await signIn(report, { email: "bob@example.com" });
    const { code, out } = await runNext(report);
    assertEquals([code, errorOf(out).code], [1, "access_denied"]);
    assertEquals(await bench.auth().getTokenSet(), before);
  });

  it("show neither the device code nor what is pasted", async () => {
    const report = await begin();
    const pasted = await begin("--paste");
    const url = await signIn(pasted);
    const { out, err } = await runNext(pasted, [`${url.replace(/state=[^&]*/, "state=wrong")}`]);
    const secrets = [
      new URL(url).searchParams.get("code")!,
      ...bench.emulator.requests.flatMap(({ form }) => form.nonce ?? []),
    ];
    for (const text of [JSON.stringify(report), out, err]) {
      assertFalse(secrets.some((secret) => text.includes(secret)), text);
      assertFalse(/device_?code|verifier/i.test(text), text);
    }
  });

  it("accept neither a URL nor a response as an argument", async () => {
    await begin("--paste");
    for (const login of ["https://evil.example/?user_code=ABCD", "code#state"]) {
      const { code, out, err } = await bench.run(`login --complete ${login} --json`);
      assertEquals([code, errorOf(out).code, (out + err).includes(login)], [2, "config", false]);
    }
  });

  it("reject flags that make no sense with them", async () => {
    const lines = [
      "login --no-wait --browser",
      "login --no-wait --with-token",
      "login --no-wait --complete",
      "login --complete 00000000 --paste",
      "login --complete 00000000 --scopes email",
      "login --complete 00000000 --timeout 0",
      "login --complete 00000000 --timeout soon",
      "login --timeout 5",
    ];
    for (const line of lines) assertEquals((await bench.run(line)).code, 2, line);
  });

  it("fail with 'config' if the storage ends with the process", async () => {
    const { code, out } = await bench.run("login --no-wait --json", { config: { storage: "memory" } });
    assertEquals([code, errorOf(out).code], [2, "config"]);
  });
});

describe("login --json", () => {
  it("writes where the browser is sent, then who signed in, on a line each", async () => {
    const { code, out, err } = await bench.run("login --json");
    const [first, last, end] = out.split("\n");
    const progress: LoginProgressReport = JSON.parse(first!);
    assert(progress.status === "authorize_url");
    assertStringIncludes(progress.authorizationUrl, `${bench.issuer}/oauth/authorize?`);
    assertEquals([code, err, JSON.parse(last!).status, end], [0, "", "signed_in", ""]);
  });

  it("writes the code, without a terminal, too", async () => {
    const { code, out } = await onFakeClock(async (clock) => {
      let running!: Promise<Ran>;
      await new Promise((resolve, reject) => {
        const onEvent = (event: AuthEvent) => {
          if (event.type !== "device_code") return;
          const { verificationUri, userCode } = event;
          createScriptedBrowser().signIn(verificationUri, { userCode }).then(resolve, reject);
        };
        running = bench.run("login --json --device", { config: { onEvent } });
        running.then(resolve, reject);
      });
      return await clock.passWhile(running, INTERVAL_MS);
    }, (durationMs) => durationMs === INTERVAL_MS);
    const [first, last] = out.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const { userCode: _, expiresAt: __, ...rest } = first;
    assertEquals(rest, {
      status: "device_code",
      verificationUri: `${bench.issuer.replace("127.0.0.1", "localhost")}/device`,
      message: "Only enter it if you started this sign-in yourself, just now.",
    });
    assertEquals([code, last.status], [0, "signed_in"]);
  });

  it("writes what failed, on one line", async () => {
    const { out } = await bench.run("login --json", { config: { openBrowser: () => false } });
    assertEquals(errorOf(out.trim().split("\n").at(-1)!).code, "no_browser");
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const shadowed = await bench.run("login --json");
    assertEquals([shadowed.code, errorOf(shadowed.out).code], [1, "config"]);
  });
});

describe("logout --json", () => {
  it("lists what happened to each profile and its tokens", async () => {
    bench.emulator.behavior.accessTokenFormat = "opaque";
    await bench.run("login --profile work");
    const { code, out } = await bench.run("logout --all --json");
    const reports: SignOutReport[] = JSON.parse(out);
    assertEquals([code, reports.map(({ profile, wasSignedIn }) => [profile, wasSignedIn])], [0, [
      ["default", false],
      ["work", true],
    ]]);
    const [refreshToken] = reports[1]!.revocations;
    assertEquals(refreshToken, {
      token: "refresh_token",
      revoked: true,
      validUntil: null,
      kept: false,
      problem: null,
    });
  });

  it("says what could not be revoked, and why", async () => {
    await bench.run("login");
    bench.emulator.faults.add({ endpoint: "revoke", status: 503 });
    const { code, out } = await bench.run("logout --json");
    const [report]: SignOutReport[] = JSON.parse(out);
    assertEquals([code, report?.wasSignedIn, report?.problem], [1, true, null]);
    const { revoked, problem } = report!.revocations[0]!;
    assertEquals([revoked, problem?.code, problem?.retryable], [false, "revoke", true]);
  });
});

describe("profiles --json", () => {
  it("writes the profile that is now used, and what happened to a removed one", async () => {
    await bench.run("login --profile work");
    const used: ProfileReport = JSON.parse((await bench.run("profiles use work --json")).out);
    assertEquals([used.name, used.current, used.signedIn, used.account?.email], [
      "work",
      true,
      true,
      ADA.email,
    ]);
    const removed: SignOutReport = JSON.parse((await bench.run("profiles remove work --json")).out);
    assertEquals([removed.profile, removed.wasSignedIn], ["work", true]);
  });

  it("forgets the pending logins of a removed profile", async () => {
    await bench.run("login --profile work");
    const report = await begin("--profile work");
    await signIn(report);
    await bench.run("profiles remove work");
    const { code, out } = await runNext(report);
    assertEquals([code, errorOf(out).code], [1, "not_authenticated"]);
  });
});

describe("An agent at the keyboard", () => {
  const variables = ["CLAUDECODE", "AI_AGENT"];
  const before = variables.map((name) => process.env[name]);

  beforeEach(() => variables.forEach((name) => delete process.env[name]));
  afterEach(() => {
    variables.forEach((name, index) => {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    });
  });

  it("gets a hint about --no-wait, and a person about a browser", async () => {
    const noBrowser = { config: { openBrowser: () => false } };
    assertStringIncludes((await bench.run("whoami")).err, `Run \`notes login\`, or set ${TOKEN_VARIABLE}.`);
    assertStringIncludes(
      (await bench.run("login", noBrowser)).err,
      `Set ${TOKEN_VARIABLE} to an API key, or run \`notes login --no-wait\`.`,
    );
    for (const name of variables) {
      process.env[name] = "1";
      const what = "Run `notes login --no-wait` and have the person do what it says";
      assertStringIncludes((await bench.run("whoami")).err, `${what}, or set ${TOKEN_VARIABLE}.`);
      assertStringIncludes(
        (await bench.run("login", noBrowser)).err,
        `${what}, or set ${TOKEN_VARIABLE} to an API key.`,
      );
      delete process.env[name];
    }
  });

  it("gets no hint that cannot work, because the storage ends with the process", async () => {
    process.env.CLAUDECODE = "1";
    const config = { storage: "memory", openBrowser: () => false } as const;
    assertStringIncludes((await bench.run("whoami", { config })).err, "Run `notes login`, or");
    assertStringIncludes((await bench.run("login", { config })).err, `Set ${TOKEN_VARIABLE} to an API key.`);
  });

  it("otherwise gets what a person gets: nothing is refused, forced or hidden", async () => {
    const asPerson = await bench.run("login");
    await bench.run("logout");
    process.env.CLAUDECODE = "1";
    assertEquals(await bench.run("login"), asPerson);
  });
});
