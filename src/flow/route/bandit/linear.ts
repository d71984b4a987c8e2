/**
 * A linear model with a Gaussian prior, as sums: A = sum of w x x', b = sum of w x r. Sums of several workers add up,
 * old sums can be scaled down, and an early guess at a reward can be corrected (b alone) when the truth comes late.
 */

/** Features of a task: most are zero, so only the others are there, in the order of their places. */
export interface Features {
  at: readonly number[];
  value: readonly number[];
}

export interface Sums {
  a: Float64Array;
  b: Float64Array;
  n: number;
}

export function newSums(dims: number): Sums {
  return { a: new Float64Array(dims * dims), b: new Float64Array(dims), n: 0 };
}

export function emptied(s: Sums): Sums {
  s.a.fill(0);
  s.b.fill(0);
  s.n = 0;
  return s;
}

export function addTry(s: Sums, x: Features, reward: number): void {
  const dims = s.b.length;
  const { at, value } = x;
  for (let i = 0; i < at.length; i++) {
    const row = at[i]! * dims;
    for (let j = 0; j < at.length; j++) s.a[row + at[j]!]! += value[i]! * value[j]!;
  }
  addReward(s, x, reward);
  s.n++;
}

/** More (or less) reward for a try that is in already. */
export function addReward(s: Sums, x: Features, reward: number): void {
  for (let i = 0; i < x.at.length; i++) s.b[x.at[i]!]! += x.value[i]! * reward;
}

export function scaleSums(s: Sums, by: number): void {
  for (let i = 0; i < s.a.length; i++) s.a[i]! *= by;
  for (let i = 0; i < s.b.length; i++) s.b[i]! *= by;
  s.n *= by;
}

export function addSums(into: Sums, from: Sums, by = 1): void {
  for (let i = 0; i < into.a.length; i++) into.a[i]! += from.a[i]! * by;
  for (let i = 0; i < into.b.length; i++) into.b[i]! += from.b[i]! * by;
  into.n += from.n * by;
}

/**
 * Only the weights that evidence says something of are in the factor, row after row of its lower triangle: of the others
 * the prior is all there is, and most agents were tried at few sorts of tasks.
 */
export interface Posterior {
  /** Of the precision, by Cholesky. */
  factor: Float64Array;
  /** The weights that are in it, in order. */
  live: Uint16Array;
  mean: Float64Array;
  prior: Float64Array;
}

/** prior: the precision of each weight; towards: their prior means; noise: variance of one reward. */
export function posteriorOf(s: Sums, prior: Float64Array, towards: Float64Array, noise: number): Posterior {
  const dims = s.b.length;
  const mean = towards.slice();
  const live = liveOf(s);
  const factor = new Float64Array((live.length * (live.length + 1)) / 2);
  const v = new Float64Array(live.length);
  for (let i = 0, row = 0; i < live.length; row += ++i) {
    const [at, from] = [live[i]!, live[i]! * dims];
    for (let j = 0, other = 0; j <= i; other += ++j) {
      let sum = s.a[from + live[j]!]! / noise + (i === j ? prior[at]! : 0);
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[other + k]!;
      factor[row + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / factor[other + j]!;
    }
    v[i] = s.b[at]! / noise + prior[at]! * towards[at]!;
  }
  forward(factor, v, live.length);
  for (let i = live.length - 1; i >= 0; i--) {
    let sum = v[i]!;
    for (let k = i + 1; k < live.length; k++) sum -= factor[(k * (k + 1)) / 2 + i]! * v[k]!;
    v[i] = sum / factor[(i * (i + 3)) / 2]!;
    mean[live[i]!] = v[i]!;
  }
  return { factor, live, mean, prior };
}

/** Those with evidence; what was taken back again may leave a reward where no try is. */
function liveOf({ a, b }: Sums): Uint16Array {
  const dims = b.length;
  let n = 0;
  for (let i = 0; i < dims; i++) if (a[i * dims + i] !== 0 || b[i] !== 0) n++;
  const live = new Uint16Array(n);
  for (let i = dims - 1; n > 0; i--) if (a[i * dims + i] !== 0 || b[i] !== 0) live[--n] = i;
  return live;
}

function forward(factor: Float64Array, v: Float64Array, n: number): void {
  for (let i = 0, row = 0; i < n; row += ++i) {
    let sum = v[i]!;
    for (let k = 0; k < i; k++) sum -= factor[row + k]! * v[k]!;
    v[i] = sum / factor[row + i]!;
  }
}

/** Room to work in: a decision predicts of dozens of agents. */
let room = new Float64Array(0);

/** Mean and variance of the reward expected for these features. */
export function predict({ factor, live, mean, prior }: Posterior, x: Features): { mean: number; variance: number } {
  if (room.length < live.length) room = new Float64Array(live.length);
  const v = room.fill(0, 0, live.length);
  let expected = 0;
  let variance = 0;
  for (let i = 0, place = 0; i < x.at.length; i++) {
    const [at, value] = [x.at[i]!, x.value[i]!];
    expected += mean[at]! * value;
    while (place < live.length && live[place]! < at) place++;
    if (live[place] === at) v[place] = value;
    else variance += (value * value) / prior[at]!;
  }
  forward(factor, v, live.length);
  for (let i = 0; i < live.length; i++) variance += v[i]! * v[i]!;
  return { mean: expected, variance };
}
