import { testSession } from "./support/session_properties.ts";

// Enough for what seldom happens; the everyday run tries some lives.
testSession(500);
