import { SingleFlight, type SingleFlightOptions } from "./single_flight.ts";

/** A function whose first successful result is kept; callers that come before it share one attempt. */
export function shared<T extends object>(
  create: () => Promise<T>,
  options: SingleFlightOptions,
): () => Promise<T> {
  const attempts = new SingleFlight<T>(options);
  let result: T | undefined;
  return async () => result ??= await attempts.run("", create);
}
