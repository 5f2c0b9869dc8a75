import { describeStepsOf } from "./support/describe_cells.ts";

describeStepsOf("logout()", "whoami()", "verifyToken()");
