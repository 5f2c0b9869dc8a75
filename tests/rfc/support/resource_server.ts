import { cliAuth, type CliAuthFactoryOptions, handle, type HandleOptions } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";

/** A resource server that verifies with the real `@clerk/backend` against an emulated instance. */
export interface ResourceServer {
  emulator: Emulator;
  /** The claims of a valid access token. */
  claims(): Record<string, unknown>;
  /** A JWT access token of the instance; the given claims replace those of a valid one. */
  accessToken(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** Sends a request with this `Authorization` header, or without one. */
  ask(authorization?: string, init?: RequestInit & { url?: string }): Promise<Response>;
  close(): Promise<void>;
}

/** The URL that requests go to. */
export const RESOURCE = "https://api.example.com/me";

/** Starts one. */
export async function startResourceServer(
  { verifier = {}, ...options }: Omit<HandleOptions, "auth"> & { verifier?: CliAuthFactoryOptions } = {},
): Promise<ResourceServer> {
  const emulator = createEmulator();
  const { url: apiUrl, close } = await emulator.listen();
  const clientConfig = {
    secretKey: emulator.secretKey,
    apiUrl: apiUrl.replace(/\/$/, ""),
    telemetry: { disabled: true },
  };
  const route = handle({ onError: () => {}, ...options, auth: cliAuth({ clientConfig, ...verifier }) });
  const claims = () => {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: emulator.issuer,
      sub: emulator.user.id,
      client_id: emulator.application.clientId,
      scope: "profile",
      iat: now,
      exp: now + 600,
    };
  };
  return {
    emulator,
    claims,
    accessToken: (own, header) => emulator.signJwt({ ...claims(), ...own }, { typ: "at+jwt", ...header }),
    ask: (authorization, { url = RESOURCE, ...init } = {}) => {
      const headers = new Headers(init.headers);
      if (authorization !== undefined) headers.set("authorization", authorization);
      return route(new Request(url, { ...init, headers }));
    },
    close,
  };
}

/** The challenge in a response. */
export function challengeOf({ headers }: Response): string {
  return headers.get("www-authenticate") ?? "";
}
