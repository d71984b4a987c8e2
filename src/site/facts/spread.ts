/**
 * How long something takes, as counts in buckets that grow by a quarter of a doubling: at most 19% off, and a
 * few dozen numbers whatever was counted. Calls that were given up count as "longer than this" (censored), and
 * quantiles are Kaplan and Meier's: leaving them out would make an agent that hangs look fast.
 */

/** Buckets per doubling. */
const PER_DOUBLING = 4;
/** 2^27 ms is a day and a half: longer waits count as that. */
const MOST = 27 * PER_DOUBLING;

export interface Spread {
  /** Ended, by bucket; sparse arrays are never made: they grow to the highest bucket seen. */
  done: number[];
  /** Given up, by bucket. */
  cut: number[];
}

export function newSpread(): Spread {
  return { done: [], cut: [] };
}

export function bucketOf(ms: number): number {
  return ms <= 0 ? 0 : Math.min(MOST, Math.floor(Math.log2(ms + 1) * PER_DOUBLING));
}

/** The upper edge of a bucket. */
export function edgeMs(bucket: number): number {
  return 2 ** ((bucket + 1) / PER_DOUBLING) - 1;
}

export function count(into: number[], ms: number, weight = 1): void {
  const bucket = bucketOf(ms);
  while (into.length <= bucket) into.push(0);
  into[bucket]! += weight;
}

/** The time by which a share `q` has ended; undefined where too few ended to know. */
export function quantileMs({ done, cut }: Spread, q: number): number | undefined {
  let atRisk = 0;
  const most = Math.max(done.length, cut.length);
  for (let i = 0; i < most; i++) atRisk += (done[i] ?? 0) + (cut[i] ?? 0);
  if (atRisk === 0) return undefined;
  let waiting = 1;
  let longest: number | undefined;
  for (let i = 0; i < most; i++) {
    const ended = done[i] ?? 0;
    if (ended > 0) {
      waiting *= 1 - ended / atRisk;
      longest = edgeMs(i);
      if (1 - waiting >= q - 1e-9) return longest;
    }
    atRisk -= ended + (cut[i] ?? 0);
    if (atRisk <= 1e-9) break;
  }
  // The rest was given up: it is at least as long as the longest wait of all.
  return most === 0 ? undefined : edgeMs(most - 1);
}

export function scale(counts: number[], by: number): void {
  for (let i = 0; i < counts.length; i++) counts[i]! *= by;
}

export function addCounts(into: number[], from: readonly number[]): void {
  while (into.length < from.length) into.push(0);
  for (let i = 0; i < from.length; i++) into[i]! += from[i]!;
}
