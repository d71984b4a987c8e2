/**
 * Heal: a deterministic ladder, no model on it. The same again (if the fault says so), elsewhere (another
 * agent, or another declared way, whichever is cheaper from here), a lesser goal, a person, then the end with
 * the cut set: who was tried or refused, and why.
 */
import {
  type Backoff,
  backoffMs,
  createSeededChance,
  DEFAULT_BACKOFF,
  type FaultData,
  scopeOf,
} from '../../base/index.ts';
import {
  aroundOf,
  type AttemptState,
  type Deciding,
  emit,
  faultData,
  presentId,
  questionKey,
  setTimer,
  type StepState,
} from '../../model/index.ts';
import { isHedged, isOut, mayTryAgain, putOff, stepTimeLeft, tries } from '../attempt/index.ts';
export { goOn, isSetAside, MAX_CLAIMS, quarantineAnswered } from './quarantine.ts';
import { misfits } from './graph/index.ts';
import { chooseWay, cutSet, leave, leaver } from './way.ts';
import { eligible, hasMore, shutOut, skillView } from '../route/index.ts';

/** An agent that asks more before one answer is done asks in a circle. */
const MAX_QUESTIONS = 16;
/** Who asks for a longer wait than a day is not waited for: another may do it, or a person should know. */
const LONGEST_AFTER_MS = 86_400_000;

export function heal(d: Deciding, step: StepState, n: number | undefined, fault: FaultData): void {
  if (step.settledSeq !== 0) return;
  // One of a panel failed: a non-vote. With no attempt named, it is the panel that came to no verdict.
  if (step.panel !== undefined && n !== undefined) return void d.todo.push({ to: 'agree', step: step.id });
  if (isHedged(step, n)) return;
  const attempt = step.attempts?.find((a) => a.n === n);
  if (asksPerson(d, step, fault)) return;
  if (attempt !== undefined && stepTimeLeft(d, step)) {
    const soon = (fault.afterMs ?? 0) <= LONGEST_AFTER_MS;
    if (fault.retry === 'same' && soon && mayTryAgain(step, attempt)) return retrySame(d, step, attempt, fault);
  }
  const spent = fault.code === 'budget.spent' && (step.way ?? -1) < 0;
  if (hasWays(step) && !spent && stepTimeLeft(d, step)) {
    // An effect that may have happened elsewhere is no reason to go another way: it is found out first.
    if (!isOut(step) && chooseWay(d, step, fault)) return;
  } else if (attempt !== undefined && stepTimeLeft(d, step)) {
    // After a takeover nobody is known yet, or more are there than were shown: beginning asks who there is, and comes
    // back here if nobody is.
    const unknown = skillView(d.state, step) === undefined || hasMore(d.state, step);
    if (fault.retry !== 'never' && (unknown || eligible(d.state, step, 1).routed.length > 0)) {
      d.todo.push({ to: 'begin', step: step.id, why: 'elsewhere' });
      return;
    }
  }
  // Nobody else is left, but who was not asked may be asked yet.
  const later = fault.retry === 'never' || (step.way ?? -1) >= 0 || isOut(step) ? undefined : putOff(d, step);
  if (later !== undefined) return retrySame(d, step, later, later.fault!);
  const lesser = (step.lesser ?? -1) + 1;
  if (step.spec.lesser?.[lesser] !== undefined && fault.code !== 'budget.spent' && stepTimeLeft(d, step)) {
    return demote(d, step, lesser, fault);
  }
  escalate(d, step, fault, attempt);
}

/** An agent that needs a person's word for it: the step waits for that, and the call is made again with it. */
function asksPerson(d: Deciding, step: StepState, fault: FaultData): boolean {
  if (fault.code !== 'input.required' || questionKey(fault) === undefined || !stepTimeLeft(d, step)) return false;
  if (Object.keys(step.answers ?? {}).length >= MAX_QUESTIONS) return false;
  emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault, cut: [] });
  d.barrier = true;
  return true;
}

/** What the ways to the goal itself have done and can be undone has no place in a lesser one. */
function demote(d: Deciding, step: StepState, lesser: number, fault: FaultData): void {
  const undo = hasWays(step)
    ? misfits(d.state, step, undefined).filter((one) => one.undoes && one.state === 'done')
    : [];
  emit(d, { type: 'step.demoted', step: step.id, lesser });
  if (undo.length === 0) return void d.todo.push({ to: 'begin', step: step.id, why: 'lesser' });
  emit(d, {
    type: 'way.taken',
    step: step.id,
    way: -1,
    why: 'failed',
    cost: 0,
    fault,
    undo: undo.map((one) => one.step),
  });
  d.todo.push({ to: 'leave', step: step.id });
}

function retrySame(d: Deciding, step: StepState, attempt: AttemptState, fault: FaultData): void {
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
  const waitMs = attempt.unasked === undefined ? Math.max(fault.afterMs ?? 0, growing) : (fault.afterMs ?? 0) + growing;
  setTimer(d, `retry|${step.id}|${attempt.agent}`, d.at + waitMs);
}

/** A retry's time has come. */
export function retryDue(d: Deciding, timer: string): void {
  const [, named, ...rest] = timer.split('|');
  const id = named === undefined ? undefined : presentId(d.state, named);
  // An agent's name may hold the sign, a step's id does not.
  const agent = rest.join('|');
  const step = id === undefined ? undefined : d.state.steps.get(id);
  if (step !== undefined && !isOut(step)) d.todo.push({ to: 'begin', step: step.id, why: 'retry', agent });
}

/** The step begins: of its ways the cheapest is taken. */
export function wayDue(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0 || step.way !== undefined || chooseWay(d, step, undefined)) return;
  const { alternatives = [] } = step.spec;
  d.todo.push({
    to: 'heal',
    step: step.id,
    fault: faultData('no-way-left', `step '${step.id}' has ${alternatives.length + 1} ways, and none is open`),
  });
}

/** `id`: the step that leaves a way, or one whose effect was just undone. */
export function leaveDue(d: Deciding, id: string): void {
  const step = leaver(d, id) ?? d.state.steps.get(id);
  if (step !== undefined) leave(d, step);
}

/** Alternatives are to the goal itself. */
function hasWays(step: StepState): boolean {
  return step.spec.alternatives !== undefined && step.lesser === undefined;
}

/** It is part of a declared way: what shut it is told to the step that chooses among them. */
function isInWay(d: Deciding, step: StepState): boolean {
  const around = aroundOf(d.state, scopeOf(step.id));
  return around !== undefined && (around.way !== undefined || isInWay(d, around));
}

function escalate(d: Deciding, step: StepState, fault: FaultData, attempt: AttemptState | undefined): void {
  const cut = hasWays(step)
    ? cutSet(d, step)
    : skillView(d.state, step) === undefined
      ? []
      : shutOut(eligible(d.state, step, 1));
  const tried = (step.attempts?.length ?? 0) > 1 || cut.length > 1 || hasWays(step) || isInWay(d, step);
  const last: FaultData =
    !tried || (!hasWays(step) && !isInWay(d, step) && (attempt === undefined || fault.retry === 'never'))
      ? fault
      : {
          code: 'no-way-left',
          retry: 'never',
          message: `no way is left for step '${step.id}'; the last try: ${fault.message}`,
          detail: { cut, last: fault },
        };
  // Asked once: what the person has tried again and failed again ends the step.
  if (step.spec.person !== undefined && step.asked === undefined && stepTimeLeft(d, step)) {
    emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault: last, cut });
    d.barrier = true;
    return;
  }
  emit(d, { type: 'fault.escalated', step: step.id, to: 'run', fault: last, cut });
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault: last });
}
