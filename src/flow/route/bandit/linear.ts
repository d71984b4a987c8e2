/**
 * A linear model with a Gaussian prior, as sums: A = sum of w x x', b = sum of w x r. Sums of several workers add up,
 * old sums can be scaled down, and an early guess at a reward can be corrected (b alone) when the truth comes late.
 */

/** Features of a task: most are zero, so only the others are there. */
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

export interface Posterior {
  /** Lower triangle of the Cholesky factor of the precision. */
  factor: Float64Array;
  mean: Float64Array;
}

/** prior: the precision of each weight; towards: their prior means; noise: variance of one reward. */
export function posteriorOf(s: Sums, prior: Float64Array, towards: Float64Array, noise: number): Posterior {
  const dims = s.b.length;
  const factor = new Float64Array(dims * dims);
  const mean = new Float64Array(dims);
  for (let i = 0; i < dims; i++) {
    const row = i * dims;
    for (let j = 0; j <= i; j++) {
      let sum = s.a[row + j]! / noise + (i === j ? prior[i]! : 0);
      for (let k = 0; k < j; k++) sum -= factor[row + k]! * factor[j * dims + k]!;
      factor[row + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / factor[j * dims + j]!;
    }
    mean[i] = s.b[i]! / noise + prior[i]! * towards[i]!;
  }
  forward(factor, mean);
  for (let i = dims - 1; i >= 0; i--) {
    let sum = mean[i]!;
    for (let k = i + 1; k < dims; k++) sum -= factor[k * dims + i]! * mean[k]!;
    mean[i] = sum / factor[i * dims + i]!;
  }
  return { factor, mean };
}

function forward(factor: Float64Array, v: Float64Array): void {
  const dims = v.length;
  for (let i = 0; i < dims; i++) {
    let sum = v[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * dims + k]! * v[k]!;
    v[i] = sum / factor[i * dims + i]!;
  }
}

/** Mean and variance of the reward expected for these features. */
export function predict(p: Posterior, x: Features): { mean: number; variance: number } {
  const dims = p.mean.length;
  const v = new Float64Array(dims);
  let mean = 0;
  for (let i = 0; i < x.at.length; i++) {
    v[x.at[i]!] = x.value[i]!;
    mean += p.mean[x.at[i]!]! * x.value[i]!;
  }
  forward(p.factor, v);
  let variance = 0;
  for (const one of v) variance += one * one;
  return { mean, variance };
}
