/** Sums of money, tokens, calls and time. */
import { z } from 'zod';
import { amount, Fault, MAX_AMOUNT } from '../base/index.ts';
import type { Amounts } from './words.ts';

export const DIMENSIONS = ['money', 'tokens', 'calls', 'timeMs'] as const satisfies (keyof Amounts)[];

/** An amount, a weight or a cost as it is written. */
export const amountShape = z.number().nonnegative().max(MAX_AMOUNT);

/** Rounding of sums of decimal money must not refuse what fits. */
const TOLERANCE = 1e-9;

export function addAmounts(a: Amounts, b: Amounts | undefined): Amounts {
  if (b === undefined) return a;
  const sum: Amounts = { ...a };
  for (const d of DIMENSIONS) if (b[d] !== undefined) sum[d] = (a[d] ?? 0) + b[d];
  return sum;
}

/** What is still held was never answered for: an unknown call stays charged. */
export function allSpent({ budget }: { budget: { spent: Amounts; held: Amounts } }): Amounts {
  return addAmounts(budget.spent, budget.held);
}

export function subtractAmounts(a: Amounts, b: Amounts | undefined): Amounts {
  if (b === undefined) return a;
  const rest: Amounts = { ...a };
  for (const d of DIMENSIONS) if (b[d] !== undefined) rest[d] = (a[d] ?? 0) - b[d];
  return rest;
}

/** What is over in each dimension that `limit` names; undefined when all of `used` fits. */
export function overrun(used: Amounts, limit: Amounts): Amounts | undefined {
  let over: Amounts | undefined;
  for (const d of DIMENSIONS) {
    const most = limit[d];
    const excess = (used[d] ?? 0) - (most ?? Infinity);
    if (excess > TOLERANCE) (over ??= {})[d] = excess;
  }
  return over;
}

/** Only the dimensions that `limit` names. */
export function restrictTo(amounts: Amounts, limit: Amounts): Amounts {
  const kept: Amounts = {};
  for (const d of DIMENSIONS) if (limit[d] !== undefined && amounts[d] !== undefined) kept[d] = amounts[d];
  return kept;
}

export function largest(a: Amounts, b: Amounts): Amounts {
  const most: Amounts = { ...a };
  for (const d of DIMENSIONS) if (b[d] !== undefined) most[d] = Math.max(a[d] ?? 0, b[d]);
  return most;
}

/** A budget or a ceiling that is not understood would be none, and nothing would be held back: it is refused. */
export function checkedAmounts(amounts: Amounts | undefined, what: string): Amounts | undefined {
  if (amounts === undefined) return undefined;
  const wrong = (why: string): Fault => new Fault('input.invalid', `the ${what} is not understood: ${why}`);
  if (typeof amounts !== 'object' || amounts === null || Array.isArray(amounts))
    throw wrong('it is no object of amounts');
  for (const [key, value] of Object.entries(amounts) as [string, unknown][]) {
    if (!(DIMENSIONS as readonly string[]).includes(key))
      throw wrong(`'${key}' is nothing that is counted (${DIMENSIONS.join(', ')} are)`);
    if (value !== undefined && !amount.fits(value))
      throw wrong(
        `'${key}' is ${typeof value === 'number' ? value : JSON.stringify(value)}, and must be ${amount.wants}`,
      );
  }
  return amounts;
}
