import { homePage } from "../pages/home_page.ts";
import type { Route } from "../routes.ts";
import { authorize } from "./authorize.ts";
import { showConsent, submitConsent } from "./consent.ts";
import { jwks, metadata } from "./metadata.ts";
import { revoke } from "./revoke.ts";
import { showSignIn, submitSignIn } from "./sign_in.ts";
import { token } from "./token.ts";
import { tokenInfo } from "./token_info.ts";
import { userinfo } from "./userinfo.ts";

/** The endpoints of the issuer half. */
export type IssuerEndpoint =
  | "home"
  | "authorize"
  | "sign_in"
  | "consent"
  | "token"
  | "revoke"
  | "token_info"
  | "userinfo"
  | "jwks"
  | "metadata";

/** The paths of the issuer half: Clerk's, and those of the emulator's own pages. */
export const ISSUER_ROUTES: readonly Route<IssuerEndpoint>[] = [
  { endpoint: "home", path: "/", methods: { GET: ({ issuer }, instance) => homePage(issuer, instance) } },
  { endpoint: "authorize", path: "/oauth/authorize", methods: { GET: authorize, POST: authorize } },
  { endpoint: "sign_in", path: "/sign-in", methods: { GET: showSignIn, POST: submitSignIn } },
  { endpoint: "consent", path: "/consent", methods: { GET: showConsent, POST: submitConsent } },
  { endpoint: "token", path: "/oauth/token", methods: { POST: token } },
  { endpoint: "revoke", path: "/oauth/token/revoke", methods: { POST: revoke } },
  { endpoint: "token_info", path: "/oauth/token_info", methods: { POST: tokenInfo } },
  { endpoint: "userinfo", path: "/oauth/userinfo", methods: { GET: userinfo, POST: userinfo } },
  { endpoint: "jwks", path: "/.well-known/jwks.json", methods: { GET: jwks } },
  { endpoint: "metadata", path: "/.well-known/openid-configuration", methods: { GET: metadata } },
  { endpoint: "metadata", path: "/.well-known/oauth-authorization-server", methods: { GET: metadata } },
];
