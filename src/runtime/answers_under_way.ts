/** How long a listener that closes lets answers go out, in milliseconds. */
export const CLOSING_MS = 100;

/** The answers that a listener has not sent to their end yet. */
export class AnswersUnderWay {
  readonly #answers = new Set<Promise<void>>();

  /** Counts an answer in until it was sent, or cannot be. */
  add(sent: Promise<void>): void {
    const settled: Promise<void> = sent.catch(() => {}).then(() => void this.#answers.delete(settled));
    this.#answers.add(settled);
  }

  /** Waits until all are sent, but not for long. */
  async sent(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => timer = setTimeout(resolve, CLOSING_MS));
    await Promise.race([Promise.all(this.#answers), late]);
    clearTimeout(timer);
  }
}
