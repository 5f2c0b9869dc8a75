import type { PlacedResult } from "./run_batch.ts";

/** What a test needs that Windows under Wine does not have. */
interface Fault {
  why: string;
  file: string;
  /** The tests. */
  names: RegExp;
}

const NO_LINKS = "Wine makes no symbolic links";

const FAULTS: readonly Fault[] = [
  { why: NO_LINKS, file: "tests/storage/links_test.ts", names: /^a link in the place/ },
  { why: NO_LINKS, file: "tests/storage/lock_test.ts", names: /a number is there that cannot be read/ },
  {
    why: "Windows has no permission bits",
    file: "tests/storage/file_store_test.ts",
    names: /^the credential file is private/,
  },
  {
    why: "it needs the /sys of Linux",
    file: "tests/storage/file_store_test.ts",
    names: /^a folder that cannot be written to/,
  },
  {
    why: "it needs the /sys of Linux",
    file: "tests/client/file_storage_test.ts",
    names: /where the folder cannot be written to/,
  },
  { why: "it needs a POSIX shell", file: "tests/client/file_storage_test.ts", names: /on a full disk/ },
  {
    why: "it takes away the home directory as POSIX names it",
    file: "tests/client/file_storage_test.ts",
    names: /as soon as there is a home folder/,
  },
  {
    why: "it plays another system, whose paths look different",
    file: "tests/storage/keychain_entries_test.ts",
    names: /asks nobody to unlock it for a deletion/,
  },
];

/** Why a test that failed under Wine says nothing about Windows; `undefined` if it does. */
export function wineFault({ file, name }: PlacedResult): string | undefined {
  return FAULTS.find((fault) => fault.file === file && fault.names.test(name))?.why;
}
