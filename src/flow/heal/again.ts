/**
 * Heal: the same agent again, and when.
 *
 * W1  No wait ends after a deadline: who can be asked only then is passed over at once.
 * W2  A long wait, and one that leaves no time for anybody else after it, comes after those who are free. When nobody is
 *     left, it is waited for all the same.
 * W3  An effect that may have happened is tried again where it was tried, or found out, and never moves (attempt/unknown.ts).
 */
import { type Backoff, backoffMs, createSeededChance, DEFAULT_BACKOFF, type FaultData } from '../../base/index.ts';
import { type AttemptState, deadlineOf, type Deciding, setTimer, type StepState } from '../../model/index.ts';
import { isAmbiguous, mayTryAgain, tries } from '../attempt/index.ts';
import { eligible, skillView } from '../route/index.ts';
import { measuredOf } from './graph/index.ts';

/** Who asks for a longer wait than a day is not waited for: another may do it, or a person should know. */
const LONGEST_AFTER_MS = 86_400_000;
/** Who asks for a longer wait than this comes after those who are free: half of what a call may take where nobody says. */
const LONG_AFTER_MS = 30_000;

/** True when the same agent is asked again, after a wait. */
export function retrySame(d: Deciding, step: StepState, attempt: AttemptState, fault: FaultData): boolean {
  const isFixed = isAmbiguous(step, attempt, fault);
  if (fault.retry !== 'same' && !(isFixed && attempt.unasked !== undefined)) return false;
  const waitMs = waitOf(d, step, attempt, fault);
  if (waitMs === undefined) return false;
  const isLong = (fault.afterMs ?? 0) > LONG_AFTER_MS;
  if (!isFixed && (isLong || !leavesTime(d, step, attempt, waitMs, true))) return false;
  wake(d, step, { attempt, waitMs });
  return true;
}

/** A wait for an agent that may be asked again. */
export interface Wait {
  attempt: AttemptState;
  waitMs: number;
}

/** Of those who may be asked again, the one that is free first. `late` = also where its call is not likely to end in time. */
export function whoComesBack(
  d: Deciding,
  step: StepState,
  late: boolean,
  isKnown: (agent: string) => boolean,
): Wait | undefined {
  let first: Wait | undefined;
  for (const attempt of lastOfEach(step)) {
    const { fault, unasked, agent } = attempt;
    // Who was not asked though it was chosen may be asked yet.
    if (fault === undefined || (fault.retry !== 'same' && unasked === undefined) || !isKnown(agent)) continue;
    const waitMs = waitOf(d, step, attempt, fault);
    if (waitMs === undefined || (!late && !leavesTime(d, step, attempt, waitMs, false))) continue;
    if (first === undefined || waitMs < first.waitMs) first = { attempt, waitMs };
  }
  return first;
}

function lastOfEach(step: StepState): AttemptState[] {
  const last = new Map<string, AttemptState>();
  for (const attempt of step.attempts ?? []) if (attempt.lesser === step.lesser) last.set(attempt.agent, attempt);
  return [...last.values()].filter(({ status }) => status === 'failed');
}

/** Undefined: it may not be asked again, or only when it is too late (W1). */
function waitOf(d: Deciding, step: StepState, attempt: AttemptState, fault: FaultData): number | undefined {
  const { afterMs = 0 } = fault;
  if (afterMs > LONGEST_AFTER_MS || !mayTryAgain(step, attempt)) return undefined;
  const retry = step.spec.retry;
  const backoff: Backoff = {
    firstMs: retry?.firstMs ?? DEFAULT_BACKOFF.firstMs,
    factor: retry?.factor ?? DEFAULT_BACKOFF.factor,
    maxMs: retry?.maxMs ?? DEFAULT_BACKOFF.maxMs,
  };
  // Jitter without chance: drawn from the run's seed, so that replay waits the same.
  const draw = createSeededChance(`${d.state.seed}/${step.id}/${attempt.n}`).next();
  const growing = backoffMs(backoff, Math.max(1, tries(step, attempt)), draw);
  // Many may have been put off to the same moment, and one of them finds out for all: they come back apart.
  const waitMs = attempt.unasked === undefined ? Math.max(afterMs, growing) : afterMs + growing;
  return d.at + waitMs < (deadlineOf(d.state, step) ?? Infinity) ? waitMs : undefined;
}

/** After the wait its call, and then one of whoever is next, still end in time, as far as is known. */
function leavesTime(d: Deciding, step: StepState, { agent }: AttemptState, waitMs: number, next: boolean): boolean {
  const until = deadlineOf(d.state, step);
  if (until === undefined) return true;
  const own = skillView(d.state, step)?.candidates.find((one) => one.agent === agent);
  const asked = [own, next ? eligible(d.state, step, 1).routed[0]?.candidate : undefined];
  const takes = asked.map((one) => (one === undefined ? 0 : measuredOf(d.state, step, one).timeMs));
  return d.at + waitMs + takes[0]! + takes[1]! <= until;
}

export function wake(d: Deciding, step: StepState, { attempt, waitMs }: Wait): void {
  setTimer(d, `retry|${step.id}|${attempt.agent}`, d.at + waitMs);
}
