import { Entry } from "npm:@napi-rs/keyring@^2.1.2";
import { type Operations, VALUE } from "./operations.ts";

/** The item of a keychain, by the binding alone. */
export function keyringItem(): Operations {
  const entry = new Entry("benchmark", "keyring", { linux: { store: "secret-service" } });
  return {
    set: () => entry.setPassword(VALUE),
    get: () => entry.getPassword(),
    delete: () => entry.deletePassword(),
  };
}
