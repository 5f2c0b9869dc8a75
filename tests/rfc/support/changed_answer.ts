/** Creates a `fetch` that changes the JSON responses of one path. */
export function changedAnswer(
  path: string,
  change: (body: Record<string, unknown>) => unknown,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (new URL(String(input)).pathname !== path) return response;
    const { status } = response;
    return Response.json(change(await response.json()), { status });
  };
}
