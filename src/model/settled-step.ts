/** What is kept of a step once it is settled. */
import type { StepState } from './state.ts';

const KEPT = [
  'output',
  'fault',
  'labels',
  'attempts',
  'input',
  'child',
  'childEnded',
  // It comes back when the child has ended, and that may be after its step was cancelled.
  'childHeld',
  'lesser',
  'keptHash',
  'keptKind',
  'driftHash',
  'drifted',
  'frozen',
  'bornAs',
  'former',
] as const satisfies (keyof StepState)[];

/** A settled step without what only an open one needs: runs wait for days with many of them. */
export function settledStep(step: StepState): StepState {
  const { id, kind, hash, spec, askedAt, out, settledSeq } = step;
  const kept: StepState = { id, kind, hash, spec, at: 'settled', askedAt, out, settledSeq };
  for (const member of KEPT) if (step[member] !== undefined) (kept[member] as unknown) = step[member];
  return kept;
}
