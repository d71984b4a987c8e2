/** How much of anything one caller may ask of a network door. Each number can be changed, none can be left out. */
export interface Limits {
  /** The longest body. */
  bodyBytes: number;
  /** The deepest JSON in a body. */
  jsonDepth: number;
  /** Requests a second that one principal may keep up, and how many it may send at once after a pause. */
  principalPerSecond: number;
  principalBurst: number;
  /** The same for one address, whoever calls from it. */
  addressPerSecond: number;
  addressBurst: number;
  /** Refused tokens from one address. */
  refusedPerSecond: number;
  refusedBurst: number;
  /** Requests under way: of one principal, and of all. */
  principalAtOnce: number;
  atOnce: number;
  /** Streams (SSE) held open: of one principal, and of all. */
  principalStreams: number;
  streams: number;
}

export const DEFAULT_LIMITS: Limits = {
  // A task's input is text; files are sent as references.
  bodyBytes: 1_048_576,
  // Far beyond what people and planners write, far below what exhausts a parser.
  jsonDepth: 64,
  // A site on one small machine commits some thousand turns a second; one caller may not take all of it.
  principalPerSecond: 500,
  principalBurst: 1_000,
  addressPerSecond: 1_000,
  addressBurst: 2_000,
  // Nobody mistypes a token so often.
  refusedPerSecond: 5,
  refusedBurst: 50,
  // One caller leaves room for the others.
  principalAtOnce: 128,
  atOnce: 512,
  // Each holds a socket and a small buffer.
  principalStreams: 512,
  streams: 2_048,
};

/** A caller that waits to send its request holds a socket for at most so long. */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 30_000;
/** Idle connections are kept for the next request so long. */
export const KEEP_ALIVE_MS = 5_000;
/** Sockets at once: all streams, all requests, and some that idle. */
export const MAX_SOCKETS = 4_096;
/** How long requests may take to end when the door closes. */
export const CLOSE_GRACE_MS = 2_000;
