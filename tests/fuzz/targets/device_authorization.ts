import fc from "npm:fast-check@4.10.2";
import { readDeviceAuthorization } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { answerOf, answers } from "../support/http_answers.ts";
import { objectText } from "../support/json_texts.ts";
import { demand, orRefused } from "../support/promises.ts";
import { anyText } from "../support/texts.ts";

const address = fc.constantFrom(
  "https://example.com/device",
  "http://127.0.0.1:1/device",
  "http://evil.example/",
  "javascript:alert(1)",
  "https://example.com/\u001b[2J",
  "",
);
const bodies = objectText({
  device_code: fc.constantFrom("device-code", "", "a b"),
  user_code: fc.oneof(fc.constantFrom("WDJB-MJHT", "\u001b[2J", " "), anyText),
  verification_uri: address,
  verification_uri_complete: address,
  expires_in: fc.constantFrom(600, 0, -1, 1e300),
  interval: fc.constantFrom(5, 0, -1, 0.01, 1e300),
});

/** The start of a sign-in on another device: codes and URLs that are safe to show, or the step's error. */
export const deviceAuthorization: FuzzTarget = fuzzTarget(
  "device_authorization",
  answers(bodies),
  (input) => {
    const device = orRefused(["token_exchange"], () => readDeviceAuthorization(answerOf(input)));
    if (!device) return;
    demand(input.status === 200, "codes without a 200");
    demand(!/[\p{C}]/u.test(device.userCode) && device.userCode !== "", "a user code that cannot be shown");
    for (const uri of [device.verificationUri, device.verificationUriComplete ?? device.verificationUri]) {
      demand(/^https:\/\/|^http:\/\/127\.0\.0\.1/.test(uri) && /^[\x21-\x7e]+$/.test(uri), "no web address");
    }
    demand(device.intervalMs >= 100 && device.lifetimeMs > 0, "a poll without a pause");
  },
);
