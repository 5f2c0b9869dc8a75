import { it } from "@std/testing/bdd";
import process from "node:process";

/** Something that a test needs and that a machine may lack. */
export interface Requirement {
  /** Why it is missing and how to get it; `undefined` when it is there. */
  missing: string | undefined;
}

/** Something that every system has but Windows. */
export function unlessWindows(what: string): Requirement {
  return { missing: process.platform === "win32" ? `Windows has no ${what}` : undefined };
}

/** All of some requirements; the first that is missing is told. */
export function allOf(...requirements: readonly Requirement[]): Requirement {
  return { missing: requirements.find(({ missing }) => missing !== undefined)?.missing };
}

/**
 * Registers a test that is skipped, with the reason in its title, where what it needs is missing.
 *
 * @param requirement What it needs.
 * @param title The promise that it tests.
 * @param task The test.
 */
export function itWith(requirement: Requirement, title: string, task: () => void | Promise<void>): void {
  if (requirement.missing === undefined) it(title, task);
  else it.skip(`${title} (skipped: ${requirement.missing})`, task);
}
