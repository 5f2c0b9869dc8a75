/** A world in computed time: simulates a minute of load on a verifier. */
export interface Simulation {
  /** Seconds since it began. */
  seconds(): number;
  /** Does something at a moment, in milliseconds since it began. */
  at(ms: number, action: () => void): void;
  /** Lets time pass until a moment, in milliseconds since it began. */
  runTo(ms: number): Promise<void>;
  /** Sets `Date.now` back, in milliseconds; timers go on. */
  setBack(ms: number): void;
  /** Timers that are set from now on never fire, as those of a request that is cancelled in a Worker. */
  loseTimers(): void;
  /** Timers fire again. */
  keepTimers(): void;
  /** Restores the process's real clock. */
  end(): void;
}

interface Event {
  at: number;
  action: () => void;
}

/** How deep the promises are that one event may settle: none of them waits for anything but a timer. */
const MICROTASKS = 150;

/** Puts `setTimeout` and `Date.now` on a computed clock. End it before the test ends. */
export function simulate(): Simulation {
  const real = { setTimeout, clearTimeout };
  const realNow = Date.now;
  const began = realNow();
  let now = began;
  const events: Event[] = [];
  const cancelled = new WeakSet<Event>();
  let losesTimers = false;

  // A binary heap: load makes tens of thousands of timers.
  function add(event: Event): Event {
    let place = events.push(event) - 1;
    for (let above = (place - 1) >> 1; place > 0 && events[above]!.at > event.at; above = (place - 1) >> 1) {
      events[place] = events[above]!;
      place = above;
    }
    events[place] = event;
    return event;
  }

  function takeFirst(): Event {
    const first = events[0]!;
    const last = events.pop()!;
    if (events.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < events.length && events[below + 1]!.at < events[below]!.at) below++;
      if (below >= events.length || events[below]!.at >= last.at) break;
      events[place] = events[below]!;
      place = below;
    }
    events[place] = last;
    return first;
  }

  async function settle(): Promise<void> {
    for (let count = 0; count < MICROTASKS; count++) await null;
  }

  Object.assign(globalThis, {
    setTimeout: (action: () => void, ms = 0) => {
      const event = { at: now + ms, action };
      return losesTimers ? event : add(event);
    },
    clearTimeout: (event: Event) => void (event && cancelled.add(event)),
  });
  let isSetBack = 0;
  Date.now = () => now - isSetBack;

  return {
    seconds: () => (now - began) / 1_000,
    at: (ms, action) => void add({ at: began + ms, action }),
    async runTo(ms) {
      await settle();
      while (events.length > 0 && events[0]!.at <= began + ms) {
        const event = takeFirst();
        if (cancelled.has(event)) continue;
        now = Math.max(now, event.at);
        event.action();
        await settle();
      }
      now = began + ms;
    },
    setBack: (ms) => void (isSetBack = ms),
    loseTimers: () => void (losesTimers = true),
    keepTimers: () => void (losesTimers = false),
    end() {
      Object.assign(globalThis, real);
      Date.now = realNow;
    },
  };
}
