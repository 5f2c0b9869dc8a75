import fc from "npm:fast-check@4.10.2";
import { parseIssuer } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand, orRefused } from "../support/promises.ts";
import { anyText, textOf } from "../support/texts.ts";

const texts = fc.oneof(
  anyText,
  textOf(
    "https://",
    "http://",
    "HTTP:",
    "clerk.example.com",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "0x7f.1",
    "@",
    ":",
    "/",
    "?",
    "#",
    "\\",
    ".",
    "%2e",
  ),
);
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A configured issuer: https, or http on this machine, and only a URL. */
export const issuer: FuzzTarget = fuzzTarget("issuer", texts, (text) => {
  const parsed = orRefused(["config"], () => parseIssuer(text));
  if (parsed === undefined) return;
  const { protocol, hostname, username, password, search, hash } = new URL(parsed);
  demand(protocol === "https:" || protocol === "http:" && LOOPBACK.test(hostname), "an address without TLS");
  demand(username + password + search + hash === "", "more than an address");
  demand(!parsed.endsWith("/"), "a slash at the end");
  demand(parseIssuer(parsed) === parsed, "an address that changes when it is read again");
});
