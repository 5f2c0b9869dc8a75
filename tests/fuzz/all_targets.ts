import type { FuzzTarget } from "./fuzz_target.ts";
import { accessTokenJwt } from "./targets/access_token_jwt.ts";
import { bearerHeader } from "./targets/bearer_header.ts";
import { cacheEntry } from "./targets/cache_entry.ts";
import { callbackListener } from "./targets/callback_listener.ts";
import { callbackRequest } from "./targets/callback_request.ts";
import { commandLine } from "./targets/command_line.ts";
import { configuration } from "./targets/configuration.ts";
import { credentialFile } from "./targets/credential_file.ts";
import { credentialRecord } from "./targets/credential_record.ts";
import { dbusMessage } from "./targets/dbus_message.ts";
import { deviceAuthorization } from "./targets/device_authorization.ts";
import { idToken } from "./targets/id_token.ts";
import { identityAnswer } from "./targets/identity_answer.ts";
import { issuer } from "./targets/issuer.ts";
import { issuerMetadata } from "./targets/issuer_metadata.ts";
import { pastedText } from "./targets/pasted_text.ts";
import { redaction } from "./targets/redaction.ts";
import { resourceMetadata } from "./targets/resource_metadata.ts";
import { signedJwt } from "./targets/signed_jwt.ts";
import { tokenAnswer } from "./targets/token_answer.ts";

/** Everything that is fuzzed. */
export const TARGETS: readonly FuzzTarget[] = [
  accessTokenJwt,
  bearerHeader,
  cacheEntry,
  callbackListener,
  callbackRequest,
  commandLine,
  configuration,
  credentialFile,
  credentialRecord,
  dbusMessage,
  deviceAuthorization,
  idToken,
  identityAnswer,
  issuer,
  issuerMetadata,
  pastedText,
  redaction,
  resourceMetadata,
  signedJwt,
  tokenAnswer,
];
