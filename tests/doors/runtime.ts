/**
 * Everything that tests import from `src/runtime`: when code moves, only this file changes.
 *
 * @module
 */
export { detectRuntime, loadRuntime } from "../../src/runtime/load.ts";
export { type HostFacts, hostIdentity } from "../../src/runtime/host_identity.ts";
export { replaceFile } from "../../src/runtime/on_windows.ts";
export type { Keyring } from "../../src/runtime/keyring.ts";
export type { LocalSocket } from "../../src/runtime/local_socket.ts";
export { type LineSource, PlainLine, readLine, TypedLine } from "../../src/runtime/read_line.ts";
export type {
  Files,
  HeldFile,
  InterruptSignal,
  KeptConnection,
  LaunchedProgram,
  LoopbackHandler,
  LoopbackServer,
  Platform,
  Programs,
  Runtime,
  Tcp,
  TcpConnection,
  Terminal,
} from "../../src/runtime/runtime.ts";
