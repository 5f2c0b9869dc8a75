/** An account of the soak: a user who signs in to an application of their own. */
export interface Account {
  clientId: string;
  email: string;
  /** The user that it must always be. */
  sub: string;
}
