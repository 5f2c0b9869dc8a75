import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type BrowserPlace, browserPlace } from "../doors/client.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";

const HERE: BrowserPlace = { reachable: true };
const CHOSEN: BrowserPlace = { reachable: true, isElsewhere: false };
const CHOSEN_ELSEWHERE: BrowserPlace = { reachable: true, isElsewhere: true };

function none(reason: string): BrowserPlace {
  return { reachable: false, reason };
}

const SSH = none("this is an SSH session");
const CONTAINER = none("this is a container");

describe("browserPlace() on", () => {
  const places: [where: string, options: FakeRuntimeOptions, expected: BrowserPlace][] = [
    ["a desktop with X", { env: { DISPLAY: ":0" } }, HERE],
    ["a desktop with Wayland", { env: { WAYLAND_DISPLAY: "wayland-0" } }, HERE],
    ["macOS", { platform: "darwin" }, HERE],
    ["Windows", { platform: "windows" }, HERE],
    ["WSL", { env: { WSL_DISTRO_NAME: "Debian" } }, HERE],
    ["WSL under another user", { env: { WSL_INTEROP: "/run/WSL/8_interop" } }, HERE],
    ["Linux without a display", {}, none("there is no display")],
    ["SSH", { env: { SSH_CONNECTION: "1 2 3 4", DISPLAY: ":10" } }, SSH],
    ["old SSH", { env: { SSH_CLIENT: "1 2 3" } }, SSH],
    ["SSH to a Mac", { platform: "darwin", env: { SSH_TTY: "/dev/ttys1" } }, SSH],
    ["a codespace", { env: { CODESPACES: "true", DISPLAY: ":0" }, existing: ["/.dockerenv"] }, {
      reachable: false,
      reason: "this is a codespace",
    }],
    ["CI", { env: { CI: "true", DISPLAY: ":0" } }, none("this is a CI job")],
    ["Kubernetes", { env: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } }, none("this is a Kubernetes pod")],
    ["Docker", { existing: ["/.dockerenv"] }, CONTAINER],
    ["Podman", { existing: ["/run/.containerenv"] }, CONTAINER],
    ["a container of systemd", { env: { container: "systemd-nspawn" } }, CONTAINER],
    ["a container with a display", { env: { container: "oci", DISPLAY: ":0" } }, HERE],
    ["a desktop with a chosen browser", { env: { BROWSER: "lynx" } }, CHOSEN],
    ["SSH with the browser of an editor", { env: { BROWSER: "code", SSH_TTY: "x" } }, CHOSEN_ELSEWHERE],
    ["a development container", { env: { BROWSER: "code" }, existing: ["/.dockerenv"] }, CHOSEN_ELSEWHERE],
    ["a desktop where no browser is wanted", { env: { BROWSER: "none", DISPLAY: ":0" } }, {
      reachable: false,
      reason: "BROWSER is set to none",
    }],
  ];
  for (const [where, options, expected] of places) {
    it(`${where}: ${expected.reachable ? "a browser" : expected.reason}`, async () => {
      assertEquals(browserPlace(await createFakeRuntime({ platform: "linux", ...options })), expected);
    });
  }
});
