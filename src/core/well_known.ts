/**
 * The address of a resource's or an issuer's metadata: the well-known path goes before its own (RFC 8414, section 3.1;
 * RFC 9728, section 3.1).
 */
export function wellKnownUrl({ origin, pathname, search }: URL, name: string): string {
  const path = pathname === "/" ? "" : pathname;
  return `${origin}/.well-known/${name}${path}${search}`;
}
