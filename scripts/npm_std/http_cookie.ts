/** `@std/http/cookie` from the npm registry, with types. */
import * as cookie from "npm:deno-std@1.4.0/http/cookie.js";

/** A cookie as a server sets it (RFC 6265, section 4.1). */
export interface Cookie {
  name: string;
  value: string;
  expires?: Date | number;
  maxAge?: number;
  domain?: string;
  path?: string;
  secure?: boolean;
  httpOnly?: boolean;
  partitioned?: boolean;
  sameSite?: "Strict" | "Lax" | "None";
  unparsed?: string[];
}

/** The attributes that must match for a cookie to be deleted. */
export type DeleteCookieAttributes = Pick<Cookie, "path" | "domain" | "secure" | "httpOnly" | "partitioned">;

/** Reads the cookies of a request. */
export const getCookies: (headers: Headers) => Record<string, string> = cookie.getCookies;
/** Adds a `Set-Cookie` header. */
export const setCookie: (headers: Headers, cookie: Cookie) => void = cookie.setCookie;
/** Adds a `Set-Cookie` header that deletes a cookie. */
export const deleteCookie: (headers: Headers, name: string, attributes?: DeleteCookieAttributes) => void =
  cookie.deleteCookie;
/** Reads the `Set-Cookie` headers of a response. */
export const getSetCookies: (headers: Headers) => Cookie[] = cookie.getSetCookies;
