/**
 * What a program in a terminal writes, for the test that runs it, when the terminal begins to hide what is typed (`true`) and
 * when it shows it again.
 */
export function hiddenMark(isHidden: boolean): string {
  return `\x1b]${isHidden ? "hidden" : "shown"}\x07`;
}
