/**
 * What the votes hold: how much better than the base rate a belief could be that was fitted to so many further labelled
 * questions, with all that a panel shows as features. An upper bound for our belief, which has the golden items alone.
 */
import { solve } from '../../src/model/trust/solve.ts';
import { percent, shuffled } from './draw.ts';
import type { Answers, Item } from './files.ts';
import { tableFor } from './answers.ts';

export interface Bound {
  /** Labelled questions beside the golden items. */
  labels: number;
  features: number;
  /** Brier score better than the base rate's: fitted, and of our own belief on the same questions. */
  fitted: number;
  own: number;
}

interface Row {
  x: Float64Array;
  right: boolean;
  belief: number;
}

/** The best of these on the questions tested counts: that flatters the bound. */
const RIDGES = [1, 5, 25, 125];
const TESTED = 1_000;
const PASSES = 8;

export function bounds(
  answers: Answers,
  golden: number,
  labels: readonly number[],
  draws: number,
  seed: string,
): Bound[] {
  const columns = answers.models.map((_, i) => i);
  const parts = [...new Set(answers.items.map((item) => item.part))].sort();
  const sums = labels.map((n): Bound => ({ labels: n, features: 0, fitted: 0, own: 0 }));
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(answers.items, `${seed}-${draw}`);
    const table = tableFor(answers, columns);
    for (const item of order.slice(0, golden)) table.learn(item);
    const rows = order.slice(golden).map((item): Row => {
      const { right, belief, answer } = table.ask('weighted', item);
      return { x: featuresOf(item, answer, belief, parts), right, belief };
    });
    const test = rows.slice(-TESTED);
    for (const sum of sums) {
      const train = rows.slice(0, Math.min(sum.labels, rows.length - TESTED));
      const gains = RIDGES.map((ridge) => {
        const w = fit(train, ridge);
        return gain(test, ({ x }) => sigmoid(dot(w, x)));
      });
      sum.features = rows[0]!.x.length;
      sum.fitted += percent(Math.max(...gains) / draws);
      sum.own += percent(gain(test, ({ belief }) => belief) / draws);
    }
  }
  for (const sum of sums) {
    sum.fitted = round(sum.fitted);
    sum.own = round(sum.own);
  }
  return sums;
}

/** Who agrees with the verdict, who says what most others say, the part, and how the votes are spread. */
function featuresOf(item: Item, verdict: string | undefined, belief: number, parts: readonly string[]): Float64Array {
  const votes = new Map<string, number>();
  for (const answer of item.answers) if (answer !== '-') votes.set(answer, (votes.get(answer) ?? 0) + 1);
  const cast = item.answers.filter((answer) => answer !== '-').length || 1;
  const others = [...votes].filter(([answer]) => answer !== verdict).sort((a, b) => b[1] - a[1]);
  const [second, most = 0] = others[0] ?? [];
  const entropy = [...votes.values()].reduce((sum, n) => sum - (n / cast) * Math.log(n / cast), 0);
  const share = (votes.get(verdict ?? '') ?? 0) / cast;
  const bounded = Math.min(0.999, Math.max(0.001, belief));
  return Float64Array.from([
    1,
    Math.log(bounded / (1 - bounded)),
    share,
    most / cast,
    entropy,
    share * share,
    ...item.answers.map((answer) => (answer === verdict ? 1 : answer === '-' ? 0 : -1)),
    ...item.answers.map((answer) => (answer === second ? 1 : 0)),
    ...parts.map((part) => (part === item.part ? 1 : 0)),
  ]);
}

/** Logistic regression with a ridge, by Newton's steps. */
function fit(rows: readonly Row[], ridge: number): Float64Array {
  const n = rows[0]!.x.length;
  const w = new Float64Array(n);
  for (let pass = 0; pass < PASSES; pass++) {
    const gradient = w.map((v) => -ridge * v);
    const curve = Array.from({ length: n }, (_, i) => new Float64Array(n).fill(0).with(i, ridge));
    for (const { x, right } of rows) {
      const p = sigmoid(dot(w, x));
      const weight = p * (1 - p);
      for (let i = 0; i < n; i++) {
        const xi = x[i]!;
        if (xi === 0) continue;
        gradient[i]! += ((right ? 1 : 0) - p) * xi;
        const line = curve[i]!;
        for (let j = 0; j < n; j++) line[j]! += weight * xi * x[j]!;
      }
    }
    const step = solve(curve, gradient);
    for (let i = 0; i < n; i++) w[i]! += step[i]!;
  }
  return w;
}

function gain(rows: readonly Row[], belief: (row: Row) => number): number {
  let hits = 0;
  let squares = 0;
  for (const row of rows) {
    if (row.right) hits++;
    squares += (belief(row) - (row.right ? 1 : 0)) ** 2;
  }
  const base = hits / rows.length;
  return base * (1 - base) - squares / rows.length;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

function dot(w: Float64Array, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i]! * x[i]!;
  return sum;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
