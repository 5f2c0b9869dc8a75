/** A Worker; the instance is in its environment. */
import * as backend from "@clerk/backend";
import { type Handler, makeHandlers, route } from "./answers.ts";

let handler: Handler | undefined;

export default {
  fetch(request: Request, env: { INSTANCE: string }): Response | Promise<Response> {
    handler ??= route(makeHandlers(JSON.parse(env.INSTANCE), backend));
    return handler(request);
  },
};
