/** The part of `@std/http/cookie` that is used, from the npm registry, with types. */
import * as cookie from "npm:deno-std@1.4.0/http/cookie.js";

/** A cookie as a server sets it (RFC 6265, section 4.1). */
export interface Cookie {
  name: string;
  value: string;
  maxAge?: number;
  path?: string;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: "Strict" | "Lax" | "None";
}

/** Adds a `Set-Cookie` header. */
export const setCookie: (headers: Headers, cookie: Cookie) => void = cookie.setCookie;
