import process from "node:process";

/** The environment variable that says where this system keeps the configuration of programs. */
export const CONFIG_DIRECTORY: string = process.platform === "win32" ? "LOCALAPPDATA" : "XDG_CONFIG_HOME";
