import process from "node:process";

/** The environment variable for this system's configuration directory. */
export const CONFIG_DIRECTORY: string = process.platform === "win32" ? "LOCALAPPDATA" : "XDG_CONFIG_HOME";
