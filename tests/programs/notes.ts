/** The example program, started as users start it. */
import "../../examples/notes/main.ts";
