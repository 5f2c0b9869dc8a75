import { describeStepsOf } from "./support/describe_cells.ts";

describeStepsOf("getAccessToken()");
