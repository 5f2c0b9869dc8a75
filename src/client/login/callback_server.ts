import { type CallbackOutcome, readCallback, type ResponseMode } from "../../core/authorization.ts";
import { randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { within } from "../../core/time.ts";
import type { LoopbackServer, Runtime } from "../../runtime/runtime.ts";
import type { ResolvedPageOptions } from "../config.ts";
import { CallbackPages, type PageContent } from "./callback_pages.ts";

/** The loopback listener of one login attempt (RFC 8252, section 7.3). */
export interface CallbackListener {
  readonly redirectUri: string;
  /** The authorization code; rejects if the authorization response is an error. */
  readonly authorizationCode: Promise<string>;
  /** The error in a response without the state. It is not trusted, but mentioned if the login times out. */
  readonly strayError: string | undefined;
  /** From now on, rejects a response without `iss` (RFC 9207, section 2.4). */
  requireIssuer(): void;
  /** Sends the browser from the callback to the result page, which shows what `page` resolves to. */
  conclude(page: Promise<PageContent>): void;
  /** Waits briefly for the browser to fetch the result page, then closes the port. */
  close(): Promise<void>;
}

interface CallbackListenerOptions {
  runtime: Runtime;
  ports: readonly number[];
  state: string;
  issuer: string;
  /**
   * Whether the response is in the URL or in a posted form.
   * @default "query"
   */
  responseMode?: ResponseMode;
  page: ResolvedPageOptions;
}

/** How long to wait for the browser to fetch the result page, in milliseconds. */
const RESULT_PAGE_MS = 1000;

/**
 * Opens the listener. Only a request with the exact state settles it, once; all others are refused and change
 * nothing.
 *
 * @throws {ClerkCliAuthError} `config` if none of the ports is free.
 */
export async function openCallbackListener(options: CallbackListenerOptions): Promise<CallbackListener> {
  const attempt = new CallbackAttempt(options);
  const server = await listen(options.runtime, options.ports, (request) => attempt.respond(request));
  return attempt.listenOn(server);
}

async function listen(
  runtime: Runtime,
  ports: readonly number[],
  handler: (request: Request) => Promise<Response>,
): Promise<LoopbackServer> {
  let cause: unknown;
  for (const port of ports) {
    try {
      return await runtime.serveLoopback(handler, { port });
    } catch (error) {
      cause = error;
    }
  }
  throw new ClerkCliAuthError("config", `Cannot listen on 127.0.0.1, port ${ports.join(", ")}`, {
    action: "Free the port, or set 'callbackPort' to 0 for any free one",
    retryable: true,
    cause,
  });
}

class CallbackAttempt {
  readonly #options: CallbackListenerOptions;
  readonly #pages: CallbackPages;
  readonly #outcome = deferred<string>();
  readonly #result = deferred<PageContent>();
  readonly #concluded = deferred<void>();
  readonly #served = deferred<void>();
  readonly #resultPath = `/done/${randomToken()}`;
  #state: "waiting" | "settled" | "served" = "waiting";
  #strayError: string | undefined;
  #requiresIssuer = false;

  constructor(options: CallbackListenerOptions) {
    this.#options = options;
    this.#pages = new CallbackPages(options.page);
  }

  listenOn(server: LoopbackServer): CallbackListener {
    const strayError = () => this.#strayError;
    return {
      redirectUri: `http://127.0.0.1:${server.port}/callback`,
      authorizationCode: this.#outcome.promise,
      get strayError() {
        return strayError();
      },
      requireIssuer: () => void (this.#requiresIssuer = true),
      conclude: (page) => {
        this.#result.resolve(page);
        this.#concluded.resolve();
      },
      close: async () => {
        if (this.#state !== "waiting") await within(RESULT_PAGE_MS, this.#served.promise);
        await server.close();
      },
    };
  }

  async respond(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (request.headers.get("host") !== url.host) {
      return this.#refuse(421, "This is not the address that the sign-in uses.");
    }
    if (url.pathname !== "/callback" && url.pathname !== this.#resultPath) {
      return this.#refuse(404, "This page does not exist.");
    }
    const allow = url.pathname === "/callback" && this.#isPosted ? "POST" : "GET";
    if (request.method !== allow) {
      return this.#refuse(405, "This page cannot be opened this way.", { allow });
    }
    if (isPrefetch(request)) return this.#refuse(503, "This page cannot be preloaded.");
    return url.pathname === "/callback" ? await this.#receive(request, url) : await this.#resultPage();
  }

  get #isPosted(): boolean {
    return this.#options.responseMode === "form_post";
  }

  /** Reads the parameters from the query or the form. */
  async #receive(request: Request, url: URL): Promise<Response> {
    const parameters = this.#isPosted ? await readPostedForm(request) : url.searchParams;
    return typeof parameters === "number"
      ? this.#refuse(parameters, "The response to the sign-in could not be read.")
      : await this.#callback(parameters);
  }

  async #callback(parameters: URLSearchParams): Promise<Response> {
    const { state, issuer } = this.#options;
    const outcome = readCallback(parameters, { state, issuer, requiresIssuer: this.#requiresIssuer });
    if (outcome.kind === "unrelated") {
      this.#strayError ??= outcome.oauthError;
      return this.#refuse(400, "This response does not belong to the sign-in in progress.");
    }
    if (this.#state !== "waiting") return this.#alreadyDone();
    this.#settle(outcome);
    await this.#concluded.promise;
    return this.#pages.goOn(await this.#whatFollows());
  }

  /** Returns where to send the browser. A failure always has its page here. */
  async #whatFollows(): Promise<string> {
    const { successUrl } = this.#options.page;
    if (successUrl === undefined || (await this.#result.promise).outcome !== "success") {
      return this.#resultPath;
    }
    this.#state = "served";
    this.#served.resolve();
    return successUrl;
  }

  #settle(outcome: Exclude<CallbackOutcome, { kind: "unrelated" }>): void {
    this.#state = "settled";
    if (outcome.kind === "code") this.#outcome.resolve(outcome.code);
    else this.#outcome.reject(outcome.error);
  }

  async #resultPage(): Promise<Response> {
    if (this.#state !== "settled") return this.#alreadyDone();
    this.#state = "served";
    const response = this.#pages.show(await this.#result.promise);
    this.#served.resolve();
    return response;
  }

  #refuse(status: number, what: string, headers: Record<string, string> = {}): Response {
    const content: PageContent = { outcome: "neutral", heading: "Page not available", paragraphs: [what] };
    return this.#pages.show(content, { status, headers });
  }

  #alreadyDone(): Response {
    return this.#pages.show({
      outcome: "neutral",
      heading: "Already done",
      paragraphs: [
        "This sign-in has already finished.",
        "You can close this window and go back to the terminal.",
      ],
    }, { status: 410 });
  }
}

/** Detects browsers that prefetch a page before the user asks for it. */
function isPrefetch({ headers }: Request): boolean {
  return [headers.get("sec-purpose"), headers.get("purpose")].some((purpose) =>
    purpose?.includes("prefetch")
  );
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T | Promise<T>): void;
  reject(error: unknown): void;
}

/** Creates a promise that is settled from outside and may be rejected while nobody waits for it. */
function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>["resolve"];
  let reject!: Deferred<T>["reject"];
  const promise = new Promise<T>((...settle) => [resolve, reject] = settle);
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** The largest form that we read, in bytes; authorization responses are smaller. */
const MAX_BYTES = 65_536;

const FORM_TYPE = "application/x-www-form-urlencoded";

/** Reads a posted form; returns the HTTP status if it is refused. */
export async function readPostedForm(request: Request): Promise<URLSearchParams | 413 | 415> {
  if (request.headers.get("content-type")?.toLowerCase() !== FORM_TYPE) return 415;
  if (Number(request.headers.get("content-length")) > MAX_BYTES) return 413;
  const text = await readBody(request);
  return text === undefined ? 413 : new URLSearchParams(text);
}

/** Reads the body; `undefined` if it is too large. */
async function readBody({ body }: Request): Promise<string | undefined> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await reader?.read() ?? { done: true };
    if (done || value === undefined) return text + decoder.decode();
    size += value.byteLength;
    if (size > MAX_BYTES) {
      await reader?.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
