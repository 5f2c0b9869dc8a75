import { IS_THOROUGH } from "../harness/extent.ts";
import { testSession } from "./support/session_properties.ts";

testSession(IS_THOROUGH ? 50 : 20);
