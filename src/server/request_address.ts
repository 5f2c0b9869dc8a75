/** The address of a request; `undefined` when it is none: Deno and Bun put into it whatever stands in `Host`. */
export function requestAddress({ url }: Request): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
