/** What is stored: as long as the record of a session. */
export const VALUE: string = JSON.stringify({ accessToken: "a".repeat(900), refreshToken: "r".repeat(64) });

/** The operations of something that stores one text. */
export interface Operations {
  set(): unknown;
  get(): unknown;
  delete(): unknown;
}
