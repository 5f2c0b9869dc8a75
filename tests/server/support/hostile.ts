import fc, { type Arbitrary } from "npm:fast-check@4.10.2";

/** What an attacker may know about an instance. */
export interface Knowledge {
  keyId: string;
  userId: string;
}

const b64token = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,80}={0,2}$/);
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
});

/** All kinds of unsigned JWTs. */
export function forgedJwts({ keyId, userId }: Knowledge): Arbitrary<string> {
  const header = fc.record({
    alg: fc.oneof(fc.constantFrom("RS256", "RS512", "none", "HS256", "ES256", ""), fc.jsonValue()),
    typ: fc.oneof(fc.constantFrom("at+jwt", "application/at+jwt", "JWT", "AT+JWT"), fc.jsonValue()),
    kid: fc.oneof(fc.constantFrom(keyId, "__proto__", "constructor", ""), fc.jsonValue()),
    crit: fc.jsonValue(),
  }, { requiredKeys: [] });
  const time = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1e300, -1, 9e15, 4e9), fc.jsonValue());
  const claims = fc.record({
    sub: fc.oneof(fc.constantFrom(userId, "mch_1", "__proto__", ""), fc.jsonValue()),
    exp: time,
    iat: time,
    nbf: time,
    iss: fc.jsonValue(),
    aud: fc.jsonValue(),
    scope: fc.jsonValue(),
    scp: fc.jsonValue(),
    client_id: fc.jsonValue(),
  }, { requiredKeys: [] });
  const signature = fc.oneof(fc.constant(""), fc.base64String(), b64token);
  return fc.tuple(header, claims, signature).map(([head, body, end]) =>
    [encode(head), encode(body), end].join(".")
  );
}

/** All kinds of invalid tokens. */
export function hostileTokens(knowledge: Knowledge): Arbitrary<string> {
  return fc.oneof(
    b64token,
    forgedJwts(knowledge),
    b64token.map((text) => `ak_${text}`),
    b64token.map((text) => `oat_${text}`),
    fc.array(b64token, { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.nat(40_000).map((length) => `ak_${"a".repeat(length)}`),
  );
}

/** Requests with all kinds of `Authorization`, and with headers that a client library might read instead. */
export function hostileRequests(knowledge: Knowledge): Arbitrary<Request | undefined> {
  const bearer = hostileTokens(knowledge).map((token) => `Bearer ${token}`);
  const authorization = fc.oneof(
    headerText,
    bearer,
    fc.tuple(fc.constantFrom("bearer", "BEARER", "Basic", "Bearer Bearer", "Bearer,", "DPoP"), headerText)
      .map((parts) => parts.join(" ")),
    fc.array(bearer, { minLength: 2, maxLength: 3 }).map((list) => list.join(", ")),
  );
  const names = [
    "cookie",
    "host",
    "x-forwarded-host",
    "x-forwarded-proto",
    "origin",
    "referer",
    "user-agent",
  ];
  const session = forgedJwts(knowledge).map((jwt) => `__session=${jwt}; __client_uat=1`);
  const others = fc.dictionary(fc.constantFrom(...names), fc.oneof(headerText, session));
  return fc.tuple(authorization, others).map(([value, rest]) =>
    requestWith({ ...rest, authorization: value })
  );
}

// Skips headers that no client could send.
function requestWith(fields: Record<string, string>): Request | undefined {
  try {
    return new Request("https://api.example.com/me?access_token=ak_1", { headers: new Headers(fields) });
  } catch {
    return undefined;
  }
}

function encode(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value) ?? "");
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
