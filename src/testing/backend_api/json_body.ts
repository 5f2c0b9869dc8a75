import { type JsonObject, parseJsonObject } from "../../core/json.ts";
import type { IncomingRequest } from "../incoming_request.ts";
import { ClerkProblem } from "../problems.ts";

/**
 * The parameters of a request to the Backend API, each read as what it must be.
 *
 * @throws {ClerkProblem} 400 when the body is no JSON object; every method 422 when a parameter is something else.
 */
export class JsonBody {
  readonly #parameters: JsonObject;

  constructor({ body }: IncomingRequest) {
    const parameters = parseJsonObject(body === "" ? "{}" : body);
    if (!parameters) {
      throw new ClerkProblem(400, "request_body_invalid", "The request body is not a JSON object");
    }
    this.#parameters = parameters;
  }

  /** A text that must be there. */
  requiredText(name: string): string {
    const text = this.text(name);
    if (text) return text;
    throw new ClerkProblem(422, "form_param_missing", `The parameter ${name} is missing`);
  }

  /** A text. */
  text(name: string): string | undefined {
    return this.#read(name, (value) => typeof value === "string" ? value : undefined);
  }

  /** A number. */
  number(name: string): number | undefined {
    return this.#read(name, (value) => typeof value === "number" ? value : undefined);
  }

  /** True or false. */
  boolean(name: string): boolean | undefined {
    return this.#read(name, (value) => typeof value === "boolean" ? value : undefined);
  }

  /** A list of texts. */
  texts(name: string): string[] | undefined {
    return this.#read(name, (value) => Array.isArray(value) && value.every(isText) ? value : undefined);
  }

  /** A JSON object. */
  object(name: string): JsonObject | undefined {
    return this.#read(
      name,
      (value) => typeof value === "object" && !Array.isArray(value) ? value as JsonObject : undefined,
    );
  }

  /** Whether a parameter was sent, `null` included. */
  has(name: string): boolean {
    return Object.hasOwn(this.#parameters, name);
  }

  #read<Value>(name: string, narrow: (value: unknown) => Value | undefined): Value | undefined {
    const value = this.has(name) ? this.#parameters[name] ?? undefined : undefined;
    if (value === undefined) return undefined;
    const narrowed = narrow(value);
    if (narrowed !== undefined) return narrowed;
    throw new ClerkProblem(
      422,
      "form_param_format_invalid",
      `The parameter ${name} is not of the right type`,
    );
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
