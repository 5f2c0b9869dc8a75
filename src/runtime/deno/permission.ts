import { Deno, type PermissionDescriptor } from "./api.ts";

/** Whether something is permitted already. Asking so never prompts, using it without this question may. */
export function isPermitted(descriptor: PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
