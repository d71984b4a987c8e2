/**
 * How far the fitted weights are to be believed as a whole. A ridge that makes votes right makes beliefs too small, and
 * rows that made the weights flatter them. So each row is judged by weights that it had no part in (the fit without it,
 * one Newton step away), and one factor for all weights and one shift of the unsaid answer are fitted to that. Which
 * answer is chosen hardly moves; how much it is believed does.
 */
import type { Row } from './records.ts';
import { solve } from './solve.ts';

export interface Scale {
  /** All weights times this. */
  factor: number;
  /** Added to the log-odds of the unsaid answer. */
  shift: number;
}

/** What is thought of both before the rows speak, as standard deviations around 1 and 0. */
const FACTOR_SPREAD = 0.4;
const SHIFT_SPREAD = 0.5;
const LEAST_FACTOR = 0.3;
const STEPS = 8;

/** `scores`: of each row its camps' scores, the unsaid answer's last, by weights that the row had no part in. */
export function scaleFor(rows: readonly Row[], scores: readonly Float64Array[]): Scale {
  let factor = 1;
  let shift = 0;
  for (let step = 0; step < STEPS; step++) {
    const slope = new Float64Array([(factor - 1) / FACTOR_SPREAD ** 2, shift / SHIFT_SPREAD ** 2]);
    const bend = [new Float64Array([1 / FACTOR_SPREAD ** 2, 0]), new Float64Array([0, 1 / SHIFT_SPREAD ** 2])];
    for (const [r, { right, camps, closed, weight }] of rows.entries()) {
      const score = scores[r]!;
      const last = closed ? camps : camps + 1;
      const wanted = right < 0 ? camps : right;
      const chance = new Float64Array(last);
      let top = -Infinity;
      for (let c = 0; c < last; c++)
        top = Math.max(top, (chance[c] = c < camps ? factor * score[c]! : score[c]! + shift));
      let sum = 0;
      for (let c = 0; c < last; c++) sum += chance[c] = Math.exp(chance[c]! - top);
      let mean = 0;
      let square = 0;
      for (let c = 0; c < last; c++) {
        chance[c]! /= sum;
        if (c === camps) continue;
        mean += chance[c]! * score[c]!;
        square += chance[c]! * score[c]! ** 2;
      }
      const open = closed ? 0 : chance[camps]!;
      slope[0]! += weight * (mean - (wanted < camps ? score[wanted]! : 0));
      slope[1]! += weight * (open - (wanted === camps && !closed ? 1 : 0));
      bend[0]![0]! += weight * (square - mean ** 2);
      bend[0]![1]! -= weight * mean * open;
      bend[1]![1]! += weight * open * (1 - open);
    }
    bend[1]![0] = bend[0]![1]!;
    const move = solve(bend, slope);
    factor = Math.max(LEAST_FACTOR, factor - move[0]!);
    shift -= move[1]!;
    if (Math.abs(move[0]!) + Math.abs(move[1]!) < 1e-4) break;
  }
  return { factor, shift };
}
