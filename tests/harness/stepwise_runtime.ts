import type { Files, Runtime } from "../doors/runtime.ts";

/** Decides where a process stops. */
export interface Stepper {
  /** Called before each step. Returns `true` if neither it nor anything after it is to happen. */
  isLast(step: string): boolean;
  /** Never resolves. */
  stop(): Promise<never>;
}

/**
 * A runtime that stops before a step. Steps are all file changes, each half of a file write, the sending of a request,
 * and the reading of its response.
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
