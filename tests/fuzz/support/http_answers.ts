import fc, { type Arbitrary } from "npm:fast-check@4.10.2";
import type { TextResponse } from "../../doors/core.ts";

/** A response as a JSON value. */
export interface AnswerInput {
  status: number;
  date: string | null;
  text: string;
}

/** Responses of every status with such a body. */
export function answers(text: Arbitrary<string>): Arbitrary<AnswerInput> {
  return fc.record({
    status: fc.oneof({ weight: 4, arbitrary: fc.constant(200) }, {
      weight: 2,
      arbitrary: fc.constantFrom(201, 204, 400, 401, 403, 404, 408, 429, 500, 503),
    }),
    date: fc.oneof(fc.constantFrom(null, "", "Thu, 01 Jan 2026 00:00:00 GMT", "nonsense"), fc.string()),
    text,
  });
}

/** Converts an input to a response. */
export function answerOf({ status, date, text }: AnswerInput): TextResponse {
  return { status, text, headers: { get: (name) => name === "date" ? date : null } };
}
