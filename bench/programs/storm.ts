/** Asks for the access token, which has expired, at the moment when others do. */
import { ClerkCliAuth } from "@clerk/cli-auth";
import { finish, readArguments } from "./support/arguments.ts";
import { eachStart } from "./support/barrier.ts";

const [{ issuer, clientId }] = readArguments<[{ issuer: string; clientId: string }]>();
const auth = new ClerkCliAuth({ issuer, clientId, storage: "file" });
for await (const _ of eachStart()) finish(await auth.getAccessToken());
