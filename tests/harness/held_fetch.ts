/** A `fetch` whose requests to an endpoint go out when the test says so. */
export interface HeldFetch {
  fetch: typeof globalThis.fetch;
  /** Resolves once there is such a request. */
  readonly asked: Promise<void>;
  /** Lets what is held go out, and what comes later too. */
  release(): void;
}

/**
 * Makes a `fetch` that holds back what goes to an endpoint.
 *
 * @param path The path of the endpoint.
 */
export function holdFetch(path: string): HeldFetch {
  let tell!: () => void;
  let release!: () => void;
  const asked = new Promise<void>((resolve) => tell = resolve);
  const released = new Promise<void>((resolve) => release = resolve);
  return {
    asked,
    release,
    fetch: async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname === path) {
        tell();
        await released;
      }
      return await fetch(input, init);
    },
  };
}
