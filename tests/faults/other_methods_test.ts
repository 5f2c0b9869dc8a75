import { describeStepsOf } from "./support/describe_cells.ts";

describeStepsOf("completeLogin()", "logout()", "whoami()", "verifyToken()");
