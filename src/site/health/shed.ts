/** Load shedding: what a full site still takes, by priority; who is turned away is told when to come again. */
import { Fault } from '../../base/index.ts';

export type Priority = 'low' | 'normal' | 'high';

/** Of all places, how many are open to each priority: the last tenth is for what matters most. */
const OPEN_TO: Record<Priority, number> = { low: 0.7, normal: 0.9, high: 1 };
/** Runs open at one site, where it names no other number: a hundred thousand parked runs fit into memory. */
export const MAX_OPEN_RUNS = 100_000;
/** Whoever is turned away comes again after this long, and later the fuller it is. */
const AGAIN_MS = 1_000;

export function admitLoad(open: number, places: number, priority: Priority): void {
  // Even the smallest site takes one run, whatever it matters.
  const mine = Math.max(1, Math.floor(places * OPEN_TO[priority]));
  if (open < mine) return;
  const afterMs = Math.round(AGAIN_MS * (1 + (open - mine) / Math.max(1, places - mine)));
  throw new Fault(
    'overloaded',
    `this site has ${open} runs open of the ${mine} that it takes at priority '${priority}'; come again in ${afterMs} ms`,
    { afterMs, detail: { open, places: mine, priority } },
  );
}
