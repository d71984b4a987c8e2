/**
 * Attempt: hedging. A pure call that takes longer than nineteen in twenty of its agent's is asked of a second agent;
 * the first answer counts, the other call is stopped, and what was held for it is charged.
 *
 * G1  Only pure calls, only where the step says so, only one more, only while the budget holds both.
 * G2  A failure of one while the other is out is no failure of the step: it waits for the other.
 */
import { type AttemptState, type Deciding, lacking, presentId, setTimer, type StepState } from '../../model/index.ts';
import { eligible, type Routed, skillView, worstCost } from '../route/index.ts';

/** A second call sooner than this would be made for nothing: the first one's answer may be on its way. */
const LEAST_MS = 2;

export function armHedge(d: Deciding, step: StepState, attempt: AttemptState): void {
  if (step.spec.hedge !== true || attempt.effect !== 'pure' || attempt.ask !== undefined) return;
  const candidates = skillView(d.state, step)?.candidates ?? [];
  const slow = candidates.find((one) => one.agent === attempt.agent)?.p95Ms;
  // Nothing is known of how long it takes, or there is nobody else.
  if (slow === undefined || candidates.length < 2) return;
  setTimer(d, `hedge|${step.id}|${attempt.n}`, d.at + Math.max(LEAST_MS, slow));
}

export function isHedgeTimer(id: string): boolean {
  return id.startsWith('hedge|');
}

/** Who is to be asked beside the one that is slow; undefined when nobody may be, or it has answered. */
export function hedgeDue(d: Deciding, timer: string): { step: StepState; second: Routed } | undefined {
  const [, named = '', n] = timer.split('|');
  const step = d.state.steps.get(presentId(d.state, named));
  if (step === undefined || step.settledSeq !== 0 || step.asleep) return undefined;
  const open = step.attempts?.filter((a) => a.status === 'open') ?? [];
  if (open.length !== 1 || open[0]!.n !== Number(n)) return undefined;
  const second = eligible(d.state, step, 1).routed.find((one) => one.effect === 'pure');
  if (second === undefined) return undefined;
  const held = worstCost(d.state, step, second.candidate);
  return held !== undefined && lacking(d, held) !== undefined ? undefined : { step, second };
}

/** G2. */
export function isHedged(step: StepState, n: number | undefined): boolean {
  return step.spec.hedge === true && (step.attempts?.some((a) => a.n !== n && a.status === 'open') ?? false);
}
