import { addApplication, addOrganization, addUser } from "./directory.ts";
import type { EmulatedApplication, EmulatedOrganization, EmulatedUser } from "./entities.ts";
import type { Instance } from "./instance.ts";

/** What there is in every instance from the beginning, so that a demo needs nothing else. */
export interface Seed {
  user: EmulatedUser;
  organization: EmulatedOrganization;
  application: EmulatedApplication;
}

/** Adds a user, an organization of which the user is a member, and a public OAuth application. */
export function seed(instance: Instance): Seed {
  const organization = addOrganization(instance, { name: "Analytical Engines" });
  const user = addUser(instance, {
    email: "ada@example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    username: "ada",
    organizations: [organization],
  });
  const application = addApplication(instance, { clientId: "emulator-cli", name: "Example CLI" });
  return { user, organization, application };
}
