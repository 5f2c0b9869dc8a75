import { ClerkProblem } from "../problems.ts";

/** The refusal for something that is not there. */
export function missingResource(what: string): ClerkProblem {
  return new ClerkProblem(404, "resource_not_found", `${what} not found`);
}
