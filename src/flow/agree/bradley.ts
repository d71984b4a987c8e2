/**
 * Bradley-Terry with judges of unequal worth (CrowdBT): P(judge says i over j) = eta s(D) + (1 - eta) s(-D), where
 * D is the difference of the scores and eta the judge's reliability; below a half it says the opposite of what is so.
 * A normal prior on every score keeps an answer without a win from falling without end, and a prior on every eta
 * keeps a judge from being made by the ranking that it makes. Ascent by Newton's steps on one score at a time.
 */
export interface Comparison {
  judge: number;
  /** Items shown; `won` is the index of the better one, none = a tie (half a win each). */
  a: number;
  b: number;
  won?: number;
}

const SWEEPS = 40;
const PRIOR_VARIANCE = 2;
/** Judgements that a judge's own record counts for against those of this ranking. */
const ETA_PRIOR = 12;
const SMALL_STEP = 1e-4;

export interface Ranking {
  scores: number[];
  /** Reliability of each judge, signed: below a half it is turned around. */
  etas: number[];
}

export function rank(
  n: number,
  comparisons: readonly Comparison[],
  etas: readonly number[],
  means?: readonly number[],
): Ranking {
  const scores = startFrom(n, comparisons, etas, means);
  // Between two the records of the judges say all there is: their log-odds add up, a pair in both orders once.
  if (n === 2) return { scores: oddsBetween(comparisons, etas, means), etas: [...etas] };
  let eta = [...etas];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let i = 0; i < n; i++) {
      let slope = -(scores[i]! - (means?.[i] ?? 0)) / PRIOR_VARIANCE;
      let bend = -1 / PRIOR_VARIANCE;
      for (const c of comparisons) {
        if (c.a !== i && c.b !== i) continue;
        const other = c.a === i ? c.b : c.a;
        const d = sigmoid(scores[i]! - scores[other]!);
        const e = eta[c.judge]!;
        for (const [won, share] of outcomes(c, i)) {
          const q = won ? e : 1 - e;
          const chance = q * d + (1 - q) * (1 - d);
          const first = ((2 * q - 1) * d * (1 - d)) / chance;
          slope += share * first;
          bend -= share * Math.max(first * first, 0.02);
        }
      }
      const step = Math.max(-1, Math.min(1, -slope / bend));
      scores[i]! += step;
      moved = Math.max(moved, Math.abs(step));
    }
    eta = learn(comparisons, scores, etas);
    if (moved < SMALL_STEP) break;
  }
  return { scores, etas: eta };
}

function oddsBetween(comparisons: readonly Comparison[], etas: readonly number[], means?: readonly number[]): number[] {
  const scores = [means?.[0] ?? 0, means?.[1] ?? 0];
  for (const { won, judge } of comparisons) {
    if (won === undefined) continue;
    const odds = oddsOf(etas[judge]!) / 4;
    scores[won]! += odds;
    scores[1 - won]! -= odds;
  }
  return scores;
}

function oddsOf(eta: number): number {
  const e = Math.min(0.98, Math.max(0.02, eta));
  return Math.log(e / (1 - e));
}

/** The evidence as log-odds, so that the ascent begins on the side where the judges' records point. */
function startFrom(
  n: number,
  comparisons: readonly Comparison[],
  etas: readonly number[],
  means?: readonly number[],
): number[] {
  const scores = Array.from({ length: n }, (_, i) => means?.[i] ?? 0);
  const seen = Array.from({ length: n }, () => 1);
  const sums = Array.from({ length: n }, () => 0);
  for (const { a, b, won, judge } of comparisons) {
    seen[a]!++;
    seen[b]!++;
    if (won === undefined) continue;
    const odds = oddsOf(etas[judge]!);
    sums[won]! += odds;
    sums[won === a ? b : a]! -= odds;
  }
  return scores.map((score, i) => score + (2 * sums[i]!) / Math.sqrt(seen[i]!));
}

function outcomes(c: Comparison, i: number): [won: boolean, share: number][] {
  if (c.won !== undefined) return [[c.won === i, 1]];
  return [
    [true, 0.5],
    [false, 0.5],
  ];
}

/** How often each judge said what the scores say, beside its own record. */
function learn(comparisons: readonly Comparison[], scores: readonly number[], priors: readonly number[]): number[] {
  const right = priors.map((p) => p * ETA_PRIOR);
  const all = priors.map(() => ETA_PRIOR);
  for (const { judge, a, b, won } of comparisons) {
    if (won === undefined) continue;
    const other = won === a ? b : a;
    const d = sigmoid(scores[won]! - scores[other]!);
    const e = priors[judge]!;
    right[judge]! += (e * d) / (e * d + (1 - e) * (1 - d));
    all[judge]!++;
  }
  return right.map((r, j) => r / all[j]!);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
