import { type IncomingRequest, isForm } from "./incoming_request.ts";

/** A request that came to the emulator, with everything in it: this is a tool for tests, so nothing is hidden. */
export interface EmulatorRequest<Endpoint extends string = string> {
  /** The endpoint; `undefined` when there is none at the path. */
  readonly endpoint: Endpoint | undefined;
  /** The method. */
  readonly method: string;
  /** The path. */
  readonly path: string;
  /** The parameters of the query; of a repeated one the last. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parameters of the form; of a repeated one the last. Empty when the body is not a form. */
  readonly form: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body: string;
  /** When it came, Unix time in milliseconds. */
  readonly at: number;
  /** The status of the answer; `undefined` as long as there is none. */
  readonly status: number | undefined;
}

/** An entry of the log, whose answer may still come. */
export interface OpenLogEntry<Endpoint extends string> extends EmulatorRequest<Endpoint> {
  status: number | undefined;
}

/** Describes a request for the log. */
export function createLogEntry<Endpoint extends string>(
  request: IncomingRequest,
  { endpoint, at }: { endpoint: Endpoint | undefined; at: number },
): OpenLogEntry<Endpoint> {
  const { method, url, headers, body } = request;
  return {
    endpoint,
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(headers),
    form: isForm(request) ? Object.fromEntries(new URLSearchParams(body)) : {},
    body,
    at,
    status: undefined,
  };
}
