import type { MsalSession } from "../measure/msal_session.ts";

/** A program that asks MSAL for the access token, which MSAL finds in its cache, or refreshes where it has expired. */
export function msalProgram({ configuration, storage, path, service }: MsalSession): string {
  const [persistence, place] = storage === "file"
    ? ["FilePersistence", [path]]
    : ["LibSecretPersistence", [path, service, "tokens"]];
  return `
    import { PublicClientApplication } from "@azure/msal-node";
    import { ${persistence}, PersistenceCachePlugin } from "@azure/msal-node-extensions";
    const persistence = await ${persistence}.create(...${JSON.stringify(place)});
    const application = new PublicClientApplication({
      ...${JSON.stringify(configuration)},
      cache: { cachePlugin: new PersistenceCachePlugin(persistence) },
    });
    const [account] = await application.getTokenCache().getAllAccounts();
    const { accessToken } = await application.acquireTokenSilent({ account, scopes: ["email"] });
    console.log(accessToken);
  `;
}
