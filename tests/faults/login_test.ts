import { describeStepsOf } from "./support/describe_steps.ts";

describeStepsOf("login()");
