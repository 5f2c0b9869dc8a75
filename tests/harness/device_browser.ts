import { createScriptedBrowser } from "@clerk/cli-auth/testing";

/** What a person does on another device. */
export interface DeviceVisit {
  /** Where the person was sent to. */
  verificationUri: string;
  /** What the person enters. */
  userCode: string;
  /** Who signs in. */
  login: string;
  /** @default "allow" */
  decision?: "allow" | "deny";
}

/** Walks the pages of `oidc-provider` on which a person enters a code and signs in. Gives the title of the last page. */
export async function visitOnDevice(
  { verificationUri, userCode, login, decision = "allow" }: DeviceVisit,
): Promise<string> {
  const browser = createScriptedBrowser();
  const values = { user_code: userCode, login, password: "password" };
  let page = await browser.open(verificationUri);
  for (;;) {
    const [form] = page.forms;
    const cancel = page.links.find(({ text }) => text.includes("Cancel"));
    if (!form) return page.title;
    if (cancel && decision === "deny") return (await browser.open(cancel.href)).title;
    page = await browser.submit(form, { values });
  }
}
