/** What a status line needs of its surroundings. */
export interface StatusLineSurroundings {
  /** Writes to the terminal. */
  write(text: string): void;
  /** The width of the terminal at the moment. */
  columns(): number;
  /** The current Unix time in milliseconds. */
  now(): number;
  /** Makes text quiet. */
  dim(text: string): string;
}

/** What a status line says. */
export interface Status {
  label: string;
  /** When the waiting ends, Unix time in milliseconds. */
  endsAt: number;
}

const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const FRAME_MS = 100;

/** Back to the start of the line, and everything from there on cleared. */
const CLEAR = "\r\x1b[J";

/**
 * The last line of a terminal, drawn over and over while something is waited for, with the time that is left. It is
 * never as wide as the terminal; where the terminal is made narrower, the rows that it then takes are cleared, too.
 */
export class StatusLine {
  readonly #surroundings: StatusLineSurroundings;
  readonly #status: Status;
  #timer: ReturnType<typeof setInterval> | undefined;
  #frame = 0;
  #drawnWidth = 0;

  constructor(status: Status, surroundings: StatusLineSurroundings) {
    this.#status = status;
    this.#surroundings = surroundings;
  }

  /** Draws it, again and again. */
  start(): void {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  /** Writes text above it. */
  writeAbove(text: string): void {
    this.#surroundings.write(this.#clear() + text);
    this.#draw();
  }

  /** Takes it away; what was above it stays. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#surroundings.write(this.#clear());
  }

  #draw(): void {
    const { write, columns, dim } = this.#surroundings;
    const frame = FRAMES[this.#frame++ % FRAMES.length]!;
    const room = columns() - 1;
    const label = `${frame} ${this.#status.label}`.slice(0, room);
    const left = `  ${this.#timeLeft()} left`.slice(0, room - label.length);
    const clear = this.#clear();
    this.#drawnWidth = label.length + left.length;
    write(clear + label + dim(left));
  }

  #clear(): string {
    const rows = Math.ceil(this.#drawnWidth / this.#surroundings.columns());
    this.#drawnWidth = 0;
    return rows > 1 ? `\x1b[${rows - 1}A${CLEAR}` : CLEAR;
  }

  #timeLeft(): string {
    const seconds = Math.max(0, Math.ceil((this.#status.endsAt - this.#surroundings.now()) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
