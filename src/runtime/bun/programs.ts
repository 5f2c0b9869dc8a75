import { programsIn } from "../node/programs.ts";
import type { Programs } from "../runtime.ts";
import { trustedEnvironment } from "./env.ts";

/** {@linkcode Programs} in Bun. */
export const programs: Programs = programsIn(trustedEnvironment);
