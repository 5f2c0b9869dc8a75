import type { DenoApi, PermissionDescriptor } from "./api.ts";

declare const Deno: DenoApi;

/** Whether something is already permitted. This never prompts; using what is not permitted may. */
export function isPermitted(descriptor: PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * Requires that something is already permitted.
 *
 * @throws {Error} with the code `EACCES` and the flag that would permit it.
 */
export function requirePermission(descriptor: PermissionDescriptor): void {
  if (isPermitted(descriptor)) return;
  const { name, ...value } = descriptor;
  const error = new Error(`Not permitted: --allow-${name}=${Object.values(value)}`);
  throw Object.assign(error, { code: "EACCES" });
}
