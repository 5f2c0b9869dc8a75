/** The example program, started as its users start it. */
import "../../examples/notes/main.ts";
