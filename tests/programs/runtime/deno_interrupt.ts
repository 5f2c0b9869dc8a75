/** Interrupts itself as a terminal does that makes no signal of Ctrl-C; for Deno. */
import { interrupt } from "../../doors/deno_runtime.ts";

interrupt();
