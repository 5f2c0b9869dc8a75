import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { onFakeClock } from "../../harness/fake_clock.ts";
import { runProgram } from "../../harness/program.ts";
import { type Backend, makeBackend, TIMEOUT_MS } from "./backend.ts";
import { CLOCK_FAULTS, isOneOf, SLOW_FAULTS } from "./fault_names.ts";
import { type FaultServer, startFaultServer } from "./fault_server.ts";
import { playFault, REDIRECT_TARGET } from "./play_fault.ts";
import type { Answered, ServerFault, TokenKind } from "./server_rule.ts";
import type { Surroundings } from "./surroundings.ts";

/** The path that a backend requests. */
const PATHS: Readonly<Record<TokenKind, string>> = {
  "an API key": "/api_keys/verify",
  "an opaque access token": "/oauth_applications/access_tokens/verify",
  "a JWT access token": "/v1/jwks",
};

/** An error body of Clerk's. */
const ERROR_BODY = { errors: [{ code: "planted", message: "planted", long_message: "planted" }] };

const DAY_MS = 86_400_000;

/** Longer than a rejection, or a failure to fetch the keys, is remembered. */
const LATER_MS = 60_000;

const IDENTIFIED = 200;

/** One emulator for all: its key takes a while to make. */
const emulator: Emulator = createEmulator();

/** Sends a token of a kind to a backend that meets a fault, then again when it is over. */
export async function takeServer(
  kind: TokenKind,
  fault: ServerFault,
  { certificates, env }: Surroundings,
): Promise<Answered> {
  const server = await startFaultServer(answer, fault === "TLS error" ? certificates : undefined);
  try {
    return fault === "TLS error" ? await askOverTls(server, kind, env) : await askHere(server, kind, fault);
  } finally {
    server.close();
  }
}

async function askHere(
  server: FaultServer,
  kind: TokenKind,
  fault: Exclude<ServerFault, "TLS error">,
): Promise<Answered> {
  const token = await tokenOf(kind);
  const backend = makeBackend(optionsFor(server));
  const met = breakIt(server, backend, { kind, fault });
  const answered =
    await (isOneOf(SLOW_FAULTS, fault) ? askUntilDeadline(backend, { token, met }) : backend.ask(token));
  await server.mend();
  backend.setClock(isOneOf(CLOCK_FAULTS, fault) ? 0 : LATER_MS);
  assertIdentified(await backend.ask(isOneOf(CLOCK_FAULTS, fault) ? await tokenOf(kind) : token));
  return answered;
}

/** Lets the backend's call to Clerk time out. */
async function askUntilDeadline(
  backend: Backend,
  { token, met }: { token: string; met: Promise<void> },
): Promise<Answered> {
  return await onFakeClock(async (clock) => {
    const answered = backend.ask(token);
    await met;
    await clock.advance(TIMEOUT_MS);
    return await answered;
  }, (durationMs) => durationMs >= TIMEOUT_MS);
}

/** Resolves once the fault of a response has been met. */
async function breakIt(
  server: FaultServer,
  backend: Backend,
  { kind, fault }: { kind: TokenKind; fault: Exclude<ServerFault, "TLS error"> },
): Promise<void> {
  if (fault === "clock set a day ahead") return backend.setClock(DAY_MS + LATER_MS);
  if (fault === "clock set a day back") return backend.setClock(-DAY_MS);
  const isRefused = fault === "connection refused";
  await server.fail({
    path: PATHS[kind],
    fault: isRefused ? "refused" : playFault(fault, { errorBody: ERROR_BODY }),
  });
}

async function askOverTls(server: FaultServer, kind: TokenKind, env: Surroundings["env"]): Promise<Answered> {
  const args = [JSON.stringify(optionsFor(server)), await tokenOf(kind)];
  const ask = async (): Promise<Answered> => {
    const { stdout, stderr } = await runProgram("faults/backend", { args, env });
    if (!stdout.startsWith("{")) throw new Error(`The backend answered nothing: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  };
  server.fail({ path: PATHS[kind], fault: "distrusted" });
  const answered = await ask();
  await server.mend();
  assertIdentified(await ask());
  return answered;
}

/** `@clerk/backend` follows redirects: this one leads to a page. */
async function answer(request: Request): Promise<Response> {
  if (new URL(request.url).pathname !== REDIRECT_TARGET) return await emulator.fetch(request);
  return new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
}

async function tokenOf(kind: TokenKind): Promise<string> {
  if (kind === "an API key") return emulator.createApiKey().secret;
  const format = kind === "a JWT access token" ? "jwt" : "opaque";
  return (await emulator.issueTokens({ format, scopes: ["profile"] })).accessToken;
}

function optionsFor({ origin }: FaultServer): { apiUrl: string; secretKey: string } {
  return { apiUrl: origin, secretKey: emulator.secretKey };
}

function assertIdentified(answered: Answered): void {
  if (answered.status === IDENTIFIED) return;
  throw new Error(`The next request was answered with: ${JSON.stringify(answered)}`);
}
