/**
 * What a response must look like. In an object, a name that ends with `?` may be absent, and no other name is allowed.
 *
 * - a text names one or more types, separated by `|`: `string`, `integer`, `number`, `boolean`, `object` (any members),
 *   `null`, `any`, `never`, or a literal: `true`, `false`, or text in single quotes
 * - a regular expression is a string that matches it
 * - an array of one shape is a list whose items all have it
 * - {@linkcode OneOf} is any of several shapes
 */
export type Shape = string | RegExp | readonly [Shape] | OneOf | { readonly [member: string]: Shape };

/** Any of several shapes. */
export class OneOf {
  readonly shapes: readonly Shape[];

  constructor(...shapes: Shape[]) {
    this.shapes = shapes;
  }
}

/** Where a value differs from a shape, and how; empty if it does not. */
export function differences(value: unknown, shape: Shape, path = "$"): string[] {
  if (typeof shape === "string") {
    return isOfType(value, shape) ? [] : [`${path}: ${show(value)} is not ${shape}`];
  }
  if (shape instanceof RegExp) {
    return typeof value === "string" && shape.test(value) ? [] : [`${path}: ${show(value)} is not ${shape}`];
  }
  if (shape instanceof OneOf) {
    const all = shape.shapes.map((candidate) => differences(value, candidate, path));
    return all.find((found) => found.length === 0) ?? all.flat();
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${path}: ${show(value)} is not a list`];
    return value.flatMap((item, index) => differences(item, shape[0], `${path}[${index}]`));
  }
  if (!isObject(value)) return [`${path}: ${show(value)} is not an object`];
  return memberDifferences(value, shape, path);
}

function memberDifferences(value: Members, shape: Readonly<Record<string, Shape>>, path: string): string[] {
  const allowed = new Map(Object.entries(shape).map(([name, inner]) => [name.replace(/\?$/, ""), inner]));
  const missing = Object.keys(shape).filter((name) => !name.endsWith("?") && !Object.hasOwn(value, name));
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const inner = allowed.get(name);
      return inner === undefined
        ? [`${path}.${name} is unknown`]
        : differences(member, inner, `${path}.${name}`);
    }),
  ];
}

type Members = Record<string, unknown>;

function isOfType(value: unknown, types: string): boolean {
  return types.split("|").some((type) => {
    switch (type) {
      case "any":
        return true;
      case "never":
        return false;
      case "null":
        return value === null;
      case "object":
        return isObject(value);
      case "integer":
        return Number.isInteger(value);
      case "true":
      case "false":
        return value === (type === "true");
      default: {
        const kind: string = typeof value;
        return type.startsWith("'") ? value === type.slice(1, -1) : kind === type;
      }
    }
  });
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(shape: readonly [Shape] | Readonly<Record<string, Shape>>): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}
