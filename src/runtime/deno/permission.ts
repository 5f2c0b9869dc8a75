import type { DenoApi, PermissionDescriptor } from "./api.ts";

declare const Deno: DenoApi;

/** Whether something is permitted already. Asking so never prompts; using what is not permitted may. */
export function isPermitted(descriptor: PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * Demands that something is permitted already.
 *
 * @throws {Error} with the code `EACCES` and the flag that would permit it.
 */
export function requirePermission(descriptor: PermissionDescriptor): void {
  if (isPermitted(descriptor)) return;
  const { name, ...value } = descriptor;
  const error = new Error(`Not permitted: --allow-${name}=${Object.values(value)}`);
  throw Object.assign(error, { code: "EACCES" });
}
