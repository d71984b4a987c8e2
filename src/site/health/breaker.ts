/**
 * A breaker: may this agent be asked for this skill? A fold of what was observed; it looks at no clock.
 *
 * K1  closed: everybody may ask. Too many failures of late, or too many in a row, open it. Slow counts as half a
 *     failure: an agent that answers after everybody has given up is of no use either.
 * K2  open: nobody may ask, for a while that doubles each time it opens again, up to a bound.
 * K3  half-open: one call may go through. It ends well: closed, and all is forgiven. It fails: open again.
 */
export type BreakerAt = 'closed' | 'open' | 'half-open';

export interface Breaker {
  at: BreakerAt;
  /** The last outcomes, newest last: 0 well, 1 failed, 0.5 slow. */
  recent: number[];
  /** Failures since the last that was none. */
  inRow: number;
  /** Openings since it was last closed for good. */
  opens: number;
  untilMs: number;
  /** half-open: the one call is out. */
  probing: boolean;
}

export type Sign = 'well' | 'slow' | 'failed';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  inRow?: number;
  /** Outcomes that are looked back on, and the share of failures among them that opens it. */
  window?: number;
  share?: number;
  /** Too few to judge by their share. */
  least?: number;
  firstMs?: number;
  maxMs?: number;
}

/** Five in a row are no bad luck: at 10% failures it is one in 100,000 calls. */
export const BREAKER: Required<BreakerOptions> = {
  inRow: 5,
  window: 20,
  share: 0.5,
  least: 10,
  firstMs: 1_000,
  maxMs: 60_000,
};

const WEIGHT: Record<Sign, number> = { well: 0, slow: 0.5, failed: 1 };

export function newBreaker(): Breaker {
  return { at: 'closed', recent: [], inRow: 0, opens: 0, untilMs: 0, probing: false };
}

/** A call has ended. */
export function noted(breaker: Breaker, sign: Sign, nowMs: number, how: Required<BreakerOptions> = BREAKER): Breaker {
  if (sign === 'well' && isSound(breaker, how)) return breaker;
  const recent = [...breaker.recent, WEIGHT[sign]].slice(-how.window);
  const inRow = sign === 'failed' ? breaker.inRow + 1 : 0;
  const next = { ...breaker, recent, inRow };
  // Calls that were out when it opened say nothing new.
  if (breaker.at === 'open') return next;
  if (breaker.at === 'half-open') return sign === 'failed' ? opened(next, nowMs, how) : newBreaker();
  const share = recent.reduce((sum, one) => sum + one, 0) / recent.length;
  const isBad = inRow >= how.inRow || (recent.length >= how.least && share >= how.share);
  return isBad ? opened(next, nowMs, how) : next;
}

/** All that it remembers went well, and one more says nothing new: most calls are such. */
function isSound({ at, recent }: Breaker, { window }: Required<BreakerOptions>): boolean {
  return at === 'closed' && recent.length === window && recent.every((one) => one === 0);
}

/** Opened by force: somebody has seen more than this breaker can. */
export function opened(breaker: Breaker, nowMs: number, how: Required<BreakerOptions> = BREAKER): Breaker {
  const waitMs = Math.min(how.maxMs, how.firstMs * 2 ** breaker.opens);
  return { ...breaker, at: 'open', opens: breaker.opens + 1, untilMs: nowMs + waitMs, probing: false };
}

/** Its time is over: one may try. */
export function halfOpened(breaker: Breaker, nowMs: number): Breaker {
  return breaker.at === 'open' && nowMs >= breaker.untilMs ? { ...breaker, at: 'half-open', probing: false } : breaker;
}

/** A call goes out: half-open lets one through. */
export function begun(breaker: Breaker): Breaker {
  return breaker.at === 'half-open' ? { ...breaker, probing: true } : breaker;
}

export function mayAsk({ at, probing }: Breaker): boolean {
  return at === 'closed' || (at === 'half-open' && !probing);
}
