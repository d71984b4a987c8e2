/** How long to wait before try n (1 = the first retry): exponential, capped, with full-range jitter drawn by the caller. */
export interface Backoff {
  firstMs: number;
  factor: number;
  maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 200, factor: 2, maxMs: 30_000 };

/** `draw` in [0, 1) spreads the wait over [half, whole] of the exponential. */
export function backoffMs(backoff: Backoff, retry: number, draw: number): number {
  const whole = Math.min(backoff.maxMs, backoff.firstMs * backoff.factor ** (retry - 1));
  return Math.round(whole / 2 + (whole / 2) * draw);
}
