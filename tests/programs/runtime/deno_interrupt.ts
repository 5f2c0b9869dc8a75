/** Interrupts itself like a terminal that turns Ctrl-C into no signal; for Deno. */
import { interrupt } from "../../doors/deno_runtime.ts";

interrupt();
