import { it } from "@std/testing/bdd";
import process from "node:process";
import { IS_THOROUGH } from "./extent.ts";

/** Something that a test needs and a machine may lack. */
export interface Requirement {
  /** Why it is missing and how to get it; `undefined` if it is there. */
  missing: string | undefined;
}

/** Something that every system has except Windows. */
export function unlessWindows(what: string): Requirement {
  return { missing: process.platform === "win32" ? `Windows has no ${what}` : undefined };
}

/** All of some requirements; reports the first that is missing. */
export function allOf(...requirements: readonly Requirement[]): Requirement {
  return { missing: requirements.find(({ missing }) => missing !== undefined)?.missing };
}

/** Registers a test. If its requirement is missing, the test is skipped, with the reason in its title. */
export function itWith(requirement: Requirement, title: string, task: () => void | Promise<void>): void {
  if (requirement.missing === undefined) it(title, task);
  else it.skip(`${title} (skipped: ${requirement.missing})`, task);
}

/** The same for a test that repeats at length what others show: the everyday run leaves it out. */
export const itAtLength: typeof itWith = IS_THOROUGH ? itWith : () => {};
