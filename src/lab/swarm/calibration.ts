/** Believed probabilities against what was so. */
export interface Calibration {
  note(belief: number, right: boolean): void;
  /** How many were noted. */
  readonly n: number;
  /** Expected calibration error over ten bins of equal width. */
  ece(): number;
  brier(): number;
  /** What saying the base rate every time would score. */
  baseBrier(): number;
}

const BINS = 10;

export function createCalibration(): Calibration {
  const bins = Array.from({ length: BINS }, () => ({ n: 0, believed: 0, right: 0 }));
  let n = 0;
  let hits = 0;
  let squares = 0;
  return {
    note(belief, right) {
      const bin = bins[Math.min(BINS - 1, Math.floor(belief * BINS))]!;
      bin.n++;
      bin.believed += belief;
      bin.right += right ? 1 : 0;
      n++;
      hits += right ? 1 : 0;
      squares += (belief - (right ? 1 : 0)) ** 2;
    },
    get n() {
      return n;
    },
    ece: () => bins.reduce((sum, bin) => sum + Math.abs(bin.believed - bin.right), 0) / n,
    brier: () => squares / n,
    baseBrier: () => (hits / n) * (1 - hits / n),
  };
}
