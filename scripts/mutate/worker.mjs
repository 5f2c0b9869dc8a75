// Mutants are tried in a worker thread, where the umask can only be read.
import process from "node:process";

const umask = process.umask();
process.umask = () => umask;
