/** The outcome of a verification in one word. */
export async function outcome(task: () => Promise<unknown>): Promise<string> {
  return await task().then(() => "accepted", ({ code, oauthError }) => oauthError ?? code);
}
