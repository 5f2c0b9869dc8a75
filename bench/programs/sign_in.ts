/** Stores a session as a sign-in does. */
import { createCredentialStore } from "@clerk/cli-auth";
import { answerTasks, readArguments } from "./support/tasks.ts";

interface Session {
  storage: "file" | "keychain";
  clientId: string;
  issuer: string;
  expiresAt: number;
}

const [{ storage, clientId, issuer, expiresAt }] = readArguments<[Session]>();
const store = createCredentialStore(storage, { clientId, issuer, keychainFallback: "error" });
const record = {
  accessToken: "oat_".padEnd(48, "a"),
  refreshToken: "refresh_".padEnd(48, "r"),
  tokenType: "bearer",
  scope: "profile email openid offline_access",
  savedAt: Date.now(),
  expiresAt,
  issuer,
  clientId,
};
await answerTasks(() => store.set("tokens", JSON.stringify(record)));
