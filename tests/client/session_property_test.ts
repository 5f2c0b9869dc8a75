import { testSession } from "./support/session_properties.ts";

testSession(50);
