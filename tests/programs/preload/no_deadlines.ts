/** For programs that must come to their end however busy the machine is: none of their deadlines comes. */
import { holdDeadlines } from "../../harness/hold_deadlines.ts";

holdDeadlines();
