/**
 * Fits: who would break the budget or the deadline is not asked while somebody else would not. Where nobody fits, all
 * are left: what then happens (money is drawn from a parent, the step fails with what it lacks) is not decided here.
 */
import {
  type Amounts,
  type Candidate,
  canDraw,
  deadlineOf,
  DIMENSIONS,
  lacking,
  type RunState,
  type StepState,
} from '../../model/index.ts';

/** Where a step names no limit of its own, an attempt may take this long. */
export const DEFAULT_ATTEMPT_MS = 60_000;

export const OVER_BUDGET = 'over the budget';

const GATES: [why: string, fits: (state: RunState, step: StepState, candidate: Candidate) => boolean][] = [
  [OVER_BUDGET, isAffordable],
  ['too slow for the deadline', isInTime],
];

/** Calls `cut` for those who are left out, and gives the others. */
export function thoseThatFit<T extends { candidate: Candidate }>(
  state: RunState,
  step: StepState,
  all: T[],
  cut: (one: T, why: string) => void,
): T[] {
  let left = all;
  for (const [why, fits] of GATES) {
    const able = left.filter(({ candidate }) => fits(state, step, candidate));
    if (able.length === 0 || able.length === left.length) continue;
    for (const one of left) if (!able.includes(one)) cut(one, why);
    left = able;
  }
  return left;
}

/** The most that it may cost can be held: here, or by a parent, of whom less is wanted than was `refused`. */
export function isAffordable(state: RunState, step: StepState, candidate: Candidate, refused?: Amounts): boolean {
  const most = worstCost(state, step, candidate);
  const over = most === undefined ? undefined : lacking({ state }, most);
  if (over === undefined) return true;
  return canDraw({ state }, over) && (refused === undefined || isLess(over, refused));
}

function isLess(a: Amounts, b: Amounts): boolean {
  const by = DIMENSIONS.map((one) => (b[one] ?? 0) - (a[one] ?? 0));
  return by.every((one) => one >= 0) && by.some((one) => one > 0);
}

/** Its median call ends in time. */
function isInTime(state: RunState, step: StepState, { p50Ms = 0 }: Candidate): boolean {
  const until = deadlineOf(state, step);
  return until === undefined || state.at + p50Ms <= until;
}

/** The most a call may cost, in the dimensions that the run's budget limits. */
export function worstCost(state: RunState, step: StepState, candidate: Candidate): Amounts | undefined {
  const limit = state.budget.limit;
  if (limit === undefined) return undefined;
  const most: Amounts = { ...candidate.price, ...step.spec.ceiling };
  const held: Amounts = {};
  if (limit.money !== undefined) held.money = most.money ?? 0;
  if (limit.tokens !== undefined) held.tokens = most.tokens ?? 0;
  if (limit.calls !== undefined) held.calls = 1;
  if (limit.timeMs !== undefined) held.timeMs = most.timeMs ?? step.spec.timeoutMs ?? DEFAULT_ATTEMPT_MS;
  return held;
}
