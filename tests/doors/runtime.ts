/**
 * The one way for tests into `src/runtime`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { detectRuntime } from "../../src/runtime/detect.ts";
export { type HostFacts, hostIdentity } from "../../src/runtime/host_identity.ts";
export type { Keyring } from "../../src/runtime/keyring.ts";
export { loadRuntime } from "../../src/runtime/load.ts";
export type { LocalSocket } from "../../src/runtime/local_socket.ts";
export { PlainLine } from "../../src/runtime/plain_line.ts";
export { type LineSource, readLine } from "../../src/runtime/read_line.ts";
export type {
  Files,
  InterruptSignal,
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
export { TypedLine } from "../../src/runtime/typed_line.ts";
