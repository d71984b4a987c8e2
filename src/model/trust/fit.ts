/**
 * The weights of votes, fitted together on the checked rows. Two steps, both of maximum likelihood with a prior:
 *
 * F1  A family of two figures runs from "all alike" to "one agent alone": w = a sign(L) (|L| / max |L|)^k, where L is
 *     an agent's own log-odds. Each pair (a, k) is weighed by how well it foretells rows that were left out of the
 *     records, so few rows decide between crowd and best agent without trusting any single weight.
 * F2  Around that, a conditional logit moves each weight as far as the rows insist, all at once: what two agents that
 *     err alike say is not counted twice, and one whose word is worth less than nothing gets a weight below zero.
 *
 * Then all weights together are scaled to what rows say that had no part in them (scale.ts).
 */
import { chanceOf, type Records, type Row } from './records.ts';
import { scaleFor } from './scale.ts';
import { inverse, solve } from './solve.ts';

export interface Fit {
  /** Log-odds of a vote, by agent, at a part. */
  weights(part: string): Float64Array;
  /** Log-odds of the answer that nobody gave. */
  unsaid: number;
}

const SHARPNESS = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 10];
const HEIGHT = [0.3, 0.6, 1, 1.4, 1.8, 2.3, 2.8, 3.4];
/**
 * Pseudo-observations that hold a weight to the family, and the unsaid answer to its first guess. Tried on random parts
 * of the recorded pool: between 6 and 40 no mean moves by more than a tenth of a point.
 */
const RIDGE = 16;
const RIDGE_UNSAID = 1;
/** With so many rows for each agent the family has half its say: the rows speak for themselves. */
const ROWS_PER_AGENT = 10;
const STEPS = 12;
/** Log-odds of what cannot be. */
const NEVER = -50;
/** Nobody weighs before some outcomes are known of it, or free identities would vote on credit. */
const UNKNOWN_OUTCOMES = 4;

export function fitWeights(records: Records): Fit {
  const { agents, rows } = records;
  const family = weighFamily(records);
  const delta = new Float64Array(agents.length);
  let unsaid = family.unsaid;
  const held = 1 / (1 + (records.rows.length / agents.length / ROWS_PER_AGENT) ** 2);
  const bases = rows.map((row) => family.mean(row.part).map((w) => w * held));
  for (let step = 0; step < STEPS; step++) {
    const { slope, bend } = slopes(rows, bases, delta, unsaid, family.unsaid);
    const move = solve(bend, slope);
    let size = 0;
    for (let i = 0; i < delta.length; i++) {
      delta[i]! -= clip(move[i]!);
      size = Math.max(size, Math.abs(move[i]!));
    }
    unsaid -= clip(move[delta.length]!);
    if (size < 1e-3) break;
  }
  const { factor, shift } = scaleFor(rows, scoresLeftOut(rows, bases, delta, unsaid, family.unsaid));
  return {
    unsaid: unsaid + shift,
    weights: (part) => family.mean(part).map((w, i) => factor * (w * held + delta[i]!)),
  };
}

function clip(step: number): number {
  return Math.max(-1, Math.min(1, step));
}

interface Family {
  mean(part: string): Float64Array;
  unsaid: number;
}

function weighFamily(records: Records): Family {
  const { agents, rows } = records;
  // Two options leave nothing unsaid; more leave what is shared among wrong answers.
  const open = rows.reduce((sum, row) => sum + (row.right < 0 ? row.weight : 0), 0.5) / (rows.length + 1);
  const unsaid = Math.log(open / (1 - open));
  const log = new Float64Array(SHARPNESS.length * HEIGHT.length);
  for (const row of rows) {
    const odds = agents.map((_, i) => oddsOf(chanceOf(records, i, row.part, row), records.ways));
    for (const [k, sharp] of SHARPNESS.entries()) {
      const shape = shapeOf(odds, sharp, records.all);
      for (const [h, height] of HEIGHT.entries())
        log[k * HEIGHT.length + h]! += row.weight * logChance(row, shape, height, unsaid);
    }
  }
  const top = Math.max(...log);
  const share = log.map((l) => Math.exp(l - top));
  const sum = share.reduce((a, b) => a + b, 0);
  const means = new Map<string, Float64Array>();
  return {
    unsaid,
    mean(part) {
      let mean = means.get(part);
      if (mean !== undefined) return mean;
      mean = new Float64Array(agents.length);
      const odds = agents.map((_, i) => oddsOf(chanceOf(records, i, part), records.ways));
      for (const [k, sharp] of SHARPNESS.entries()) {
        const shape = shapeOf(odds, sharp, records.all);
        for (const [h, height] of HEIGHT.entries()) {
          const part = (share[k * HEIGHT.length + h]! / sum) * height;
          if (part > 1e-6) for (let i = 0; i < mean.length; i++) mean[i]! += part * shape[i]!;
        }
      }
      means.set(part, mean);
      return mean;
    },
  };
}

function oddsOf(p: number, ways: number): number {
  const sure = Math.min(0.99, Math.max(0.01, p));
  return Math.log(sure / (1 - sure)) + Math.log(ways);
}

function shapeOf(odds: readonly number[], sharp: number, all: Float64Array): Float64Array {
  const top = Math.max(1e-6, ...odds.map(Math.abs));
  return Float64Array.from(
    odds,
    (l, i) => (Math.sign(l) * (Math.abs(l) / top) ** sharp * all[i]!) / (all[i]! + UNKNOWN_OUTCOMES),
  );
}

function logChance(row: Row, shape: Float64Array, height: number, unsaid: number): number {
  const scores = new Float64Array(row.camps + 1);
  scores[row.camps] = row.closed ? NEVER : unsaid;
  for (let i = 0; i < shape.length; i++) if (row.votes[i]! >= 0) scores[row.votes[i]!]! += height * shape[i]!;
  let sum = 0;
  const top = Math.max(...scores);
  for (const score of scores) sum += Math.exp(score - top);
  return scores[row.right < 0 ? row.camps : row.right]! - top - Math.log(sum);
}

/** Slope and bend of the conditional logit, the priors in them; the last entry is the unsaid answer's. */
function slopes(
  rows: readonly Row[],
  bases: readonly Float64Array[],
  delta: Float64Array,
  unsaid: number,
  unsaidPrior: number,
): { slope: Float64Array; bend: Float64Array[] } {
  const n = delta.length;
  const slope = new Float64Array(n + 1);
  const bend = Array.from({ length: n + 1 }, () => new Float64Array(n + 1));
  for (const [r, row] of rows.entries()) {
    const chance = softmax(scoresOf(row, bases[r]!, delta, unsaid));
    const right = row.right < 0 ? row.camps : row.right;
    for (let i = 0; i <= n; i++) {
      const v = campOf(row, i);
      if (v < 0) continue;
      const line = bend[i]!;
      slope[i]! += row.weight * (chance[v]! - (v === right ? 1 : 0));
      for (let j = 0; j <= i; j++) {
        const u = campOf(row, j);
        if (u >= 0) line[j]! += row.weight * ((u === v ? chance[v]! : 0) - chance[v]! * chance[u]!);
      }
    }
  }
  for (let i = 0; i < n; i++) {
    slope[i]! += RIDGE * delta[i]!;
    bend[i]![i]! += RIDGE;
  }
  slope[n]! += RIDGE_UNSAID * (unsaid - unsaidPrior);
  bend[n]![n]! += RIDGE_UNSAID;
  for (let i = 0; i <= n; i++) for (let j = 0; j < i; j++) bend[j]![i] = bend[i]![j]!;
  return { slope, bend };
}

/** Each row's scores by the fit without it: what it pulled at the weights is given back, by one Newton step. */
function scoresLeftOut(
  rows: readonly Row[],
  bases: readonly Float64Array[],
  delta: Float64Array,
  unsaid: number,
  unsaidPrior: number,
): Float64Array[] {
  const n = delta.length;
  const inverted = inverse(slopes(rows, bases, delta, unsaid, unsaidPrior).bend);
  return rows.map((row, r) => {
    const chance = softmax(scoresOf(row, bases[r]!, delta, unsaid));
    const right = row.right < 0 ? row.camps : row.right;
    const pulled = new Float64Array(n + 1);
    for (let i = 0; i <= n; i++) {
      const v = campOf(row, i);
      if (v >= 0) pulled[i] = row.weight * (chance[v]! - (v === right ? 1 : 0));
    }
    const back = inverted.map((line) => line.reduce((sum, x, i) => sum + x * pulled[i]!, 0));
    return scoresOf(
      row,
      bases[r]!,
      delta.map((d, i) => d + back[i]!),
      unsaid + back[n]!,
    );
  });
}

/** The camp an entry speaks for: the last one for the answer that nobody gave. */
function campOf(row: Row, i: number): number {
  return i === row.votes.length ? row.camps : row.votes[i]!;
}

function scoresOf(row: Row, base: Float64Array, delta: Float64Array, unsaid: number): Float64Array {
  const scores = new Float64Array(row.camps + 1);
  scores[row.camps] = row.closed ? NEVER : unsaid;
  for (let i = 0; i < delta.length; i++) if (row.votes[i]! >= 0) scores[row.votes[i]!]! += base[i]! + delta[i]!;
  return scores;
}

function softmax(scores: Float64Array): Float64Array {
  const top = Math.max(...scores);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp(scores[i]! - top);
  for (let i = 0; i < scores.length; i++) scores[i]! /= sum;
  return scores;
}
