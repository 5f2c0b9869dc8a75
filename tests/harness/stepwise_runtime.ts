import type { Files, Runtime } from "../doors/runtime.ts";

/** What a process does step by step. */
export interface Stepper {
  /** Hears of a step before it is taken; `true` if it is not to be taken, nor anything after it. */
  isLast(step: string): boolean;
  /** Does not resolve. */
  stop(): Promise<never>;
}

/**
 * A runtime that goes no further than a step. The steps are all changes of files, each half of a file that is written, the
 * sending of a request, and the reading of its response.
 */
export function stepwiseRuntime(runtime: Runtime, { isLast, stop }: Stepper): Runtime {
  const { files, transport } = runtime;

  function stepwise<Args extends unknown[], Result>(step: string, take: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => isLast(step) ? await stop() : await take(...args);
  }

  const createExclusive: Files["createExclusive"] = async (path, text, options) => {
    if (isLast("create")) await stop();
    if (isLast("write the other half")) {
      await files.createExclusive(path, text.slice(0, text.length / 2), options);
      await stop();
    }
    await files.createExclusive(path, text, options);
  };

  const createHeld: Files["createHeld"] = async (path, text, options) => {
    if (isLast("create")) await stop();
    if (isLast("write the other half")) {
      await files.createHeld(path, text.slice(0, text.length / 2), options);
      await stop();
    }
    return await files.createHeld(path, text, options);
  };

  return {
    ...runtime,
    files: {
      ...files,
      createExclusive,
      createHeld,
      overwrite: stepwise("overwrite", files.overwrite),
      rename: stepwise("rename", files.rename),
      link: stepwise("link", files.link),
      syncDirectory: stepwise("sync", files.syncDirectory),
      remove: stepwise("remove", files.remove),
      makeDirectory: stepwise("make a folder", files.makeDirectory),
    },
    transport: stepwise("send", async (request, signal) => {
      const response = await transport(request, signal);
      return isLast("read the response") ? await stop() : response;
    }),
  };
}
