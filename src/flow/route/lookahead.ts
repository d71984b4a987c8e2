/**
 * Lookahead: what trying somebody may teach, beside what it is worth by itself. A few more answers move what is believed
 * of it by so much; where that may change who is best, all later tasks gain (the knowledge gradient of Frazier, Powell
 * and Dayanik, with some tries looked at together, for one answer of yes or no seldom changes anything).
 */

/** Numbers of answers that are looked at together: who is a little behind, or little unsure, is not found better by few. */
const PLANS = [5, 20, 80];
/** Answers of who is nearly always right (or wrong) vary little, but never less than so. */
const LEAST_NOISE = 0.06;

export interface Weighable {
  /** What it is believed to be worth, all told. */
  worth: number;
  /** How unsure that is. */
  sd: number;
  /** How likely it is right. */
  quality: number;
}

/** For each: by how much the best of all is expected to be better for each try of it, at the best number of tries. */
export function lessonsOf(all: readonly Weighable[]): number[] {
  let [best, second, at] = [-Infinity, -Infinity, -1];
  all.forEach(({ worth }, i) => {
    if (worth > best) [second, best, at] = [best, worth, i];
    else second = Math.max(second, worth);
  });
  return all.map(({ worth, sd, quality }, i) => {
    const rival = i === at ? second : best;
    if (sd <= 0 || rival === -Infinity) return 0;
    const noise = Math.max(LEAST_NOISE, quality * (1 - quality));
    const gap = Math.abs(worth - rival);
    let most = 0;
    for (const tries of PLANS) {
      const moves = (sd * sd) / Math.sqrt(sd * sd + noise / tries);
      most = Math.max(most, (moves * beyond(gap / moves)) / tries);
    }
    return most;
  });
}

/** The mean of what a standard normal number is above z, counted as 0 below: how often the order changes, and by how much. */
function beyond(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return Math.max(0, density - z * shareBelow(-z));
}

/** Of standard normal numbers, the share below z, to three digits. */
export function shareBelow(z: number): number {
  return 1 / (1 + Math.exp(-1.5976 * z - 0.070566 * z ** 3));
}
