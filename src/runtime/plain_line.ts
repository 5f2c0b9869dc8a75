/** Puts a line together from input that comes in lines: a terminal that is not in raw mode, a pipe, a file. */
export class PlainLine {
  #text = "";

  /** Takes the text that came. */
  type(input: string): "unfinished" | { text: string; rest: string } {
    this.#text += input;
    const end = this.#text.indexOf("\n");
    if (end === -1) return "unfinished";
    return { text: withoutReturn(this.#text.slice(0, end)), rest: this.#text.slice(end + 1) };
  }

  /** What the end of the input leaves: a last line without an ending, or `null`. */
  atEnd(): string | null {
    return this.#text === "" ? null : withoutReturn(this.#text);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
