import type { DeviceAuthorization } from "../core/device_authorization.ts";
import type { ClientContext } from "./context.ts";

/**
 * Shows the person where to enter which code, on standard error and in an event. That goes to a pipe too: whoever has
 * asked for a code reads it somewhere.
 */
export function showDeviceCode(
  { config, runtime, emit }: ClientContext,
  { userCode, verificationUri, verificationUriComplete, lifetimeMs }: DeviceAuthorization,
): void {
  emit({
    type: "device_code",
    userCode,
    verificationUri,
    ...(verificationUriComplete && { verificationUriComplete }),
    expiresAt: runtime.now() + lifetimeMs,
  });
  if (config.ui === "none") return;
  const purpose = config.appName ? `Sign in to ${config.appName}` : "Sign in";
  const paragraphs = [
    `${purpose} on any device with a browser. Open`,
    verificationUri,
    "and enter this code:",
    userCode,
    ...(verificationUriComplete
      ? ["Or open this address, which holds the code:", verificationUriComplete]
      : []),
  ];
  runtime.terminal.write(paragraphs.map((paragraph) => `${paragraph}\n\n`).join(""));
}
