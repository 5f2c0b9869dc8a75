/** The part of `@std/http/status` that is used, from the npm registry, with types. */
import * as status from "npm:deno-std@1.4.0/http/status.js";

/** Registered status codes by name. */
export const STATUS_CODE: {
  readonly NoContent: 204;
  readonly BadRequest: 400;
  readonly Unauthorized: 401;
  readonly Forbidden: 403;
  readonly NotFound: 404;
  readonly MethodNotAllowed: 405;
  readonly InternalServerError: 500;
  readonly ServiceUnavailable: 503;
} = status.STATUS_CODE;
