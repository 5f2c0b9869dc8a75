import { importKeyring, type Keyring, loadUninfluenced } from "../keyring.ts";
import { scriptCommand, variables } from "../node/keyring.ts";

/** {@linkcode Keyring} in Bun. The import is what `bun build --compile` needs to take the binding along. */
export const keyring: Keyring = {
  load: () => loadUninfluenced(variables, importKeyring),
  scriptCommand: (script) => scriptCommand(script, { program: /^bun/ }),
};
