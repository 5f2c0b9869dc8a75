/** Runs a call; where the file or folder does not exist, the answer is `absent`. */
export async function unlessAbsent<T, Absent>(
  call: () => T | Promise<T>,
  absent: Absent,
): Promise<T | Absent> {
  try {
    return await call();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return absent;
    throw error;
  }
}
