import { isSameText } from "../../core/same_text.ts";
import { ClerkProblem } from "../problems.ts";
import type { Handler } from "../routes.ts";

/** Lets a handler answer only those who send the instance's secret key. */
export function withSecretKey(handler: Handler): Handler {
  return (request, instance, parameters) => {
    const [scheme = "", secretKey = ""] = request.headers.get("authorization")?.split(" ") ?? [];
    if (scheme.toLowerCase() === "bearer" && isSameText(secretKey, instance.secretKey)) {
      return handler(request, instance, parameters);
    }
    throw new ClerkProblem(401, "clerk_key_invalid", "The provided Clerk secret key is invalid");
  };
}
