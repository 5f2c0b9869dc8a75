/** Writes its arguments as JSON and exits with the code in the first one, whatever else is going on. */
import { loadRuntime } from "../../doors/runtime.ts";

const { args, exit } = await loadRuntime();
console.log(JSON.stringify(args()));
setInterval(() => {}, 1_000);
exit(Number(args()[0]));
