/**
 * The browser of a person who is signed in at the issuer: it follows redirects, reads the page, and where that is a form
 * which a script would send at once, sends it.
 */
export async function browse(url: string): Promise<void> {
  const response = await fetch(url);
  const [, action, fields] =
    /^<form method="post" action="([^"]*)">(.*)<\/form>$/.exec(await response.text()) ?? [];
  if (action === undefined || fields === undefined) return;
  const body = new URLSearchParams();
  for (const [, name, value] of fields.matchAll(/name="([^"]*)" value="([^"]*)"/g)) body.set(name!, value!);
  const sent = await fetch(action, { method: "POST", body });
  await sent.text();
}
