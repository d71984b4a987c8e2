/** What the site saw of one try at one step. Facts are the fold of these. */
import type { FaultCode } from '../../base/index.ts';
import type { Amounts } from '../../model/index.ts';

/**
 * answered: it said something that was taken; failed: it, or what it said, was a fault; censored: nobody waited any
 * longer (a hedge won, the step was cancelled), so all that is known is that it took longer than this.
 */
export type TryEnd = 'answered' | 'failed' | 'censored';

export interface Observation {
  agent: string;
  skill: string;
  /** Wall time of the end. */
  atMs: number;
  end: TryEnd;
  /** failed: what with. */
  code?: FaultCode;
  latencyMs: number;
  cost?: Amounts;
  /** The step was settled without it. */
  late?: boolean;
  run?: string;
  step?: string;
  n?: number;
}

/** What became known later of an answer that was observed already: a check, a verdict, a person's word. */
export interface Judgement {
  run: string;
  step: string;
  /** Which of its tries; none = its last at this step. */
  n?: number;
  agent: string;
  skill: string;
  atMs: number;
  /** 0 = wrong, 1 = right. */
  quality: number;
}

/** Faults that say nothing about the agent: it was never asked, or we took the question back. */
const NOT_ITS_FAULT: ReadonlySet<string> = new Set([
  'step.cancelled',
  'site.stopped',
  'effect.blocked',
  'budget.spent',
]);

export function isItsFault(code: string | undefined): boolean {
  return code === undefined || !NOT_ITS_FAULT.has(code);
}
