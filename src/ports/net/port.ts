/**
 * The net port: outgoing HTTP to addresses that a stranger may have named (a card, a push notification, a webhook).
 *
 * N1  A host is resolved once per connection, every address it has is judged, and the one judged is the one dialled.
 * N2  Only public unicast addresses are dialled, unless the allow-list names the host, the host and port, or the range.
 * N3  No redirect is followed unless asked for; each one is judged like the first, and credentials stay at their origin.
 * N4  Nothing is waited for without end, and no answer is longer than the limit.
 */

export interface NetLimits {
  /** How many bytes of one answer are read. */
  maxBytes: number;
  /** How long until the answer begins, connecting included. */
  answerMs: number;
  /** How long an answer that has begun may be silent. */
  idleMs: number;
  /** How long the whole exchange may take; Infinity for streams that end by their signal. */
  totalMs: number;
  /** How many redirects are followed. */
  redirects: number;
}

/** An answer is a document, not a film: enough for cards, tasks and their parts. */
export const DEFAULT_NET_LIMITS: NetLimits = {
  maxBytes: 16 * 1024 * 1024,
  answerMs: 30_000,
  idleMs: 60_000,
  totalMs: 120_000,
  redirects: 0,
};

export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

/** Where a URL may be dialled: what was judged, for callers that dial by themselves (gRPC). */
export interface Dial extends ResolvedAddress {
  hostname: string;
  port: number;
  secure: boolean;
}

export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

export interface NetOptions {
  /** What else may be dialled: `localhost:4000`, `127.0.0.1`, `[::1]:80`, `10.1.0.0/16`, `intranet.example`. */
  allow?: readonly string[];
  limits?: Partial<NetLimits>;
  /** How names become addresses; the system's resolver by default. */
  resolve?: Resolve;
}

export interface Net {
  /** Like `fetch`; refuses by the Fault `address.refused`, and fails by `agent.lost` or `step.timeout`. */
  fetch(url: string | URL | Request, init?: RequestInit & { limits?: Partial<NetLimits> }): Promise<Response>;
  /** The address to dial for a URL, judged. */
  dial(url: string | URL, signal?: AbortSignal): Promise<Dial>;
  close(): void;
}
