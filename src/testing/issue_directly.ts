import type { EmulatedApplication, EmulatedOrganization, EmulatedUser } from "./entities.ts";
import type { Authorization } from "./grants.ts";
import type { Instance } from "./instance.ts";
import { findOrCreateGrant } from "./issuer/issue_code.ts";
import { issueAccessToken, issueIdToken, issueRefreshToken } from "./issuer/issue_tokens.ts";

/** What {@linkcode Emulator.issueTokens} takes. */
export interface IssueTokensOptions {
  /**
   * Whose tokens they are.
   * @default the default user
   */
  user?: EmulatedUser;
  /**
   * The OAuth application that they are issued to.
   * @default the default application
   */
  application?: EmulatedApplication;
  /** The organization that the user chose; it counts with the scope `user:org:read`. */
  organization?: EmulatedOrganization;
  /**
   * The scopes.
   * @default ["openid", "profile", "email", "offline_access"]
   */
  scopes?: readonly string[];
  /** The audience of the access token, where it is a JWT. */
  audience?: string;
  /**
   * What the access token is.
   * @default the behavior's `accessTokenFormat`
   */
  format?: "jwt" | "opaque";
  /**
   * The lifetime of the access token in seconds; a negative one has expired already.
   * @default the behavior's `accessTokenLifetimeSeconds`
   */
  lifetimeSeconds?: number;
}

/** Tokens that were issued without a browser, as the token set that a sign-in would yield. */
export interface EmulatedTokens {
  /** The access token. */
  accessToken: string;
  /** The refresh token. */
  refreshToken: string;
  /** The ID token, with the scope `openid`. */
  idToken?: string;
  /** When the access token expires, Unix time in milliseconds. */
  expiresAt: number;
  /** The scopes, separated by spaces. */
  scope: string;
  /** The token type. */
  tokenType: string;
}

const DEFAULT_SCOPES = ["openid", "profile", "email", "offline_access"];

/** Issues tokens without a browser: an access token, a refresh token, and with the scope `openid` an ID token. */
export async function issueTokens(
  options: IssueTokensOptions & { user: EmulatedUser; application: EmulatedApplication },
  { instance, issuer }: { instance: Instance; issuer: string },
): Promise<EmulatedTokens> {
  const { user, application, organization, audience, scopes = DEFAULT_SCOPES } = options;
  const { behavior } = instance;
  const authorization: Authorization = {
    grant: findOrCreateGrant(instance, { userId: user.id, clientId: application.clientId }),
    scopes,
    organizationId: organization?.id,
    audience,
    nonce: undefined,
    authenticatedAt: instance.now(),
  };
  const format = options.format ?? behavior.accessTokenFormat;
  const lifetimeSeconds = options.lifetimeSeconds ?? behavior.accessTokenLifetimeSeconds;
  const accessToken = await issueAccessToken(authorization, { instance, issuer, format, lifetimeSeconds });
  return {
    accessToken: accessToken.token,
    refreshToken: issueRefreshToken(authorization, instance).token,
    expiresAt: accessToken.expiresAt,
    scope: scopes.join(" "),
    tokenType: behavior.tokenType,
    ...scopes.includes("openid") && { idToken: await issueIdToken(accessToken, { instance, issuer }) },
  };
}
