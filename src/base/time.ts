/** Time as an argument. The site has the real clock, the laboratory a virtual one. */

export interface Clock {
  /** Wall time in ms since 1970. May jump. */
  nowMs(): number;
  /** Never goes back; only differences mean something. */
  monotonicMs(): number;
  /** Calls back once after `ms`; the returned function takes it back. */
  after(ms: number, call: () => void): () => void;
  /** Calls back soon, when all microtasks of now have run. */
  soon(call: () => void): void;
}

/** The last moment that a date can name; no span is longer. */
export const MAX_MS = 8.64e15;
/** The longest a platform timer may wait; longer waits are cut and waited again. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
