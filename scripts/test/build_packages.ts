/**
 * Builds what is published into the tests' workspace, compiling it once. `deno task check` checks the types.
 *
 * @module
 */
import { buildJsr } from "../build_jsr.ts";
import { buildNpm } from "../build_npm.ts";
import { compilePackage } from "../compile/compile_package.ts";
import { JSR_PACKAGE, NPM_PACKAGE } from "./environment.ts";

const compiled = await compilePackage({ checksTypes: false });
await buildNpm(compiled, NPM_PACKAGE);
await buildJsr(compiled, JSR_PACKAGE);
