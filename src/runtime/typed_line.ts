/** What came so far: not yet a line, Ctrl-C, or a line without its ending (`null` for Ctrl-D) and what followed it. */
export type Typed = "unfinished" | "interrupt" | { text: string | null; rest: string };

/** Sequences that arrow keys and the like send, and that frame what is pasted. */
// deno-lint-ignore no-control-regex -- they begin with the control character ESC
const ESCAPE_SEQUENCE = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/g;

/**
 * Puts a line together from the keys of a terminal in raw mode, where the system no longer does it: backspace, Ctrl-U,
 * Ctrl-D, Ctrl-C and Enter.
 */
export class TypedLine {
  #keys: string[] = [];

  /** Takes the keys that came. */
  type(input: string): Typed {
    const keys = [...input];
    for (const [index, key] of keys.entries()) {
      if (key === "\x03") {
        this.#keys = []; // As without raw mode: Ctrl-C discards what was typed.
        return "interrupt";
      }
      const rest = () => keys.slice(index + 1).join("");
      if (key === "\r" || key === "\n") return { text: this.#text(), rest: rest() };
      if (key === "\x04" && this.#keys.length === 0) return { text: null, rest: rest() };
      this.#edit(key);
    }
    return "unfinished";
  }

  /** What the end of the input leaves: nothing, as the line was not confirmed. */
  atEnd(): null {
    return null;
  }

  #edit(key: string): void {
    if (key === "\x15") this.#keys = [];
    else if (key === "\b" || key === "\x7f") this.#keys.pop();
    else if (key !== "\x04") this.#keys.push(key);
  }

  #text(): string {
    return this.#keys.join("").replaceAll(ESCAPE_SEQUENCE, "");
  }
}
