/** A `fetch` that holds back the requests to an endpoint. */
export interface HeldFetch {
  fetch: typeof globalThis.fetch;
  /** Resolves once there is such a request. */
  readonly asked: Promise<void>;
  /** Releases the held requests, and all later ones. */
  release(): void;
}

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
