/** The variables that a client is created with, by its options. */
export const CLIENT_VARIABLES = {
  secretKey: "CLERK_SECRET_KEY",
  publishableKey: "CLERK_PUBLISHABLE_KEY",
  apiUrl: "CLERK_API_URL",
  jwtKey: "CLERK_JWT_KEY",
} as const;

/** The variable that lists the OAuth applications whose tokens are taken. */
export const CLIENT_IDS_VARIABLE = "CLERK_OAUTH_CLIENT_ID";

/** Every variable that a verifier reads. */
export const VARIABLES: readonly string[] = [...Object.values(CLIENT_VARIABLES), CLIENT_IDS_VARIABLE];
