/** A request that a client has sent to an issuer with the device grant. */
export interface DeviceRequest {
  path: string;
  method: string;
  contentType: string;
  form: Record<string, string>;
}

/** An issuer whose responses a test decides, without a listener. */
export interface DeviceIssuer {
  issuer: string;
  fetch: typeof globalThis.fetch;
  requests: DeviceRequest[];
  /** The polls of the token endpoint. */
  polls(): DeviceRequest[];
}

export const DEVICE_CODE = "the-device-code-0123456789";
export const USER_CODE = "WDJB-MJHT";
/** The pause between two polls. */
export const INTERVAL_MS = 5_000;

/**
 * Makes one.
 *
 * @param answers How polls are answered, one after the other: `tokens`, or the code of an error.
 * @param options What the answer of the device authorization endpoint says instead.
 */
export function deviceIssuer(
  answers: string[],
  { authorization = {} }: { authorization?: Record<string, unknown> } = {},
): DeviceIssuer {
  const issuer = "https://clerk.example.com";
  const requests: DeviceRequest[] = [];
  const rest = [...answers];
  const answer = (path: string): Response => {
    if (path.startsWith("/.well-known/")) return Response.json(metadataOf(issuer));
    if (path === "/device") return Response.json({ ...deviceAuthorization(issuer), ...authorization });
    if (path === "/userinfo") return Response.json({ sub: "user_1" });
    const error = rest.shift() ?? "expired_token";
    if (error !== "tokens") return Response.json({ error }, { status: 400 });
    return Response.json({ access_token: "oat_1", token_type: "Bearer", expires_in: 3600 });
  };
  return {
    issuer,
    requests,
    polls: () => requests.filter(({ path }) => path === "/token"),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const path = new URL(request.url).pathname;
      requests.push({
        path,
        method: request.method,
        contentType: request.headers.get("content-type") ?? "",
        form: Object.fromEntries(new URLSearchParams(await request.text())),
      });
      return answer(path);
    },
  };
}

function metadataOf(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    device_authorization_endpoint: `${issuer}/device`,
  };
}

function deviceAuthorization(issuer: string) {
  return {
    device_code: DEVICE_CODE,
    user_code: USER_CODE,
    verification_uri: `${issuer}/activate`,
    verification_uri_complete: `${issuer}/activate?user_code=${USER_CODE}`,
    expires_in: 600,
    interval: INTERVAL_MS / 1_000,
  };
}
