import { testSession } from "./support/session_properties.ts";

// Enough for rare cases. The everyday run tries fewer.
testSession(500);
