import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { loadRuntime } from "../doors/runtime.ts";
import type { Account } from "./account.ts";
import type { RefreshUse, SoakLog } from "./soak_log.ts";

/** An issuer of short-lived tokens that fails at random. */
export interface UnreliableIssuer {
  url: string;
  accounts: Account[];
  /** Stops failing. */
  calm(): void;
  close(): Promise<void>;
}

type Fault = "unavailable" | "limited" | "slow" | "silent" | "lost" | "cut";

/** How likely each fault is, per thousand requests. The last two let the request take effect, but lose the response. */
const LIKELIHOOD: Readonly<Record<Fault, number>> = {
  unavailable: 15,
  limited: 10,
  slow: 20,
  silent: 2,
  lost: 1,
  cut: 1,
};

const TOKEN_LIFETIME_SECONDS = 2;
const ACCOUNTS = 4;
const MAX_SLOW_MS = 1_500;
const TOKEN = "/oauth/token";
const REVOKE = "/oauth/token/revoke";
const UNRELIABLE = [TOKEN, REVOKE, "/oauth/userinfo"];

/** Starts the issuer: it rotates refresh tokens, ends a session whose refresh token is reused, and records everything. */
export async function startUnreliableIssuer(log: SoakLog): Promise<UnreliableIssuer> {
  const emulator = createEmulator({
    behavior: { accessTokenLifetimeSeconds: TOKEN_LIFETIME_SECONDS, idTokenFormat: "opaque" },
  });
  let isCalm = false;
  const answer = async (request: Request) => {
    const { pathname } = new URL(request.url);
    const fault = !isCalm && UNRELIABLE.includes(pathname) ? anyFault() : undefined;
    if (fault) log.faults[fault] = (log.faults[fault] ?? 0) + 1;
    return await answerWith(request, fault, { emulator, log });
  };
  const server = await (await loadRuntime()).serveLoopback(answer, { port: 0 });
  return {
    url: `http://127.0.0.1:${server.port}`,
    accounts: Array.from({ length: ACCOUNTS }, (_, index) => createAccount(emulator, index)),
    calm: () => void (isCalm = true),
    close: () => server.close(),
  };
}

function createAccount(emulator: Emulator, index: number): Account {
  const { id: sub, email } = emulator.createUser({ email: `user${index}@example.com` });
  const { clientId } = emulator.createApplication({ clientId: `cli-${index}` });
  return { sub, clientId, email: email! };
}

function anyFault(): Fault | undefined {
  let left = Math.random() * 1_000;
  return (Object.keys(LIKELIHOOD) as Fault[]).find((fault) => (left -= LIKELIHOOD[fault]) < 0);
}

interface Answering {
  emulator: Emulator;
  log: SoakLog;
}

async function answerWith(
  request: Request,
  fault: Fault | undefined,
  { emulator, log }: Answering,
): Promise<Response> {
  const take = noting(request.clone(), { isAnswerLost: fault === "lost" || fault === "cut" }, log);
  if (fault === "unavailable") return new Response("<html>Service unavailable", { status: 503 });
  if (fault === "limited") return Response.json({ error: "slow_down" }, { status: 429 });
  if (fault === "silent") return await silence(request.signal);
  if (fault === "slow") await pause(Math.random() * MAX_SLOW_MS);
  const response = await (await take)(() => emulator.fetch(request));
  if (fault === "lost") return new Response("<html>Bad gateway", { status: 502 });
  return fault === "cut" ? await halfOf(response) : response;
}

/** Handles a request, and records what that does to refresh tokens. */
async function noting(request: Request, { isAnswerLost }: { isAnswerLost: boolean }, log: SoakLog) {
  const at = Date.now();
  const { pathname } = new URL(request.url);
  const form = request.method === "POST" ? new URLSearchParams(await request.text()) : new URLSearchParams();
  return async (answer: () => Promise<Response>): Promise<Response> => {
    const response = await answer();
    const { ok } = response;
    const refreshToken = form.get("refresh_token");
    if (pathname === TOKEN && refreshToken !== null) {
      const clientId = form.get("client_id")!;
      const use: RefreshUse = { clientId, refreshToken, at, tookEffect: ok, isAnswerLost, wasRefused: !ok };
      log.refreshes.push(use);
    }
    if (pathname === REVOKE && ok) log.revocations.push({ refreshToken: form.get("token")!, at });
    return response;
  };
}

/** No response, until nobody waits for one. */
function silence(signal: AbortSignal): Promise<Response> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(new Response(null, { status: 499 })), { once: true });
  });
}

/** The first half of a response. */
async function halfOf(response: Response): Promise<Response> {
  const text = await response.text();
  return new Response(text.slice(0, text.length / 2), { status: response.status });
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
