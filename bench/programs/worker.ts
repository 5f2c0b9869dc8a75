/** A Worker, with the instance in its environment. */
import * as backend from "@clerk/backend";
import { type Handler, identifiersOf, route } from "./support/identify.ts";

let handler: Handler | undefined;

export default {
  fetch(request: Request, env: { INSTANCE: string }): Response | Promise<Response> {
    handler ??= route(identifiersOf(JSON.parse(env.INSTANCE), backend));
    return handler(request);
  },
};
