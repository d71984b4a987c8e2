/**
 * Heal: a deterministic ladder, no model on it. The same again (if the fault says so), elsewhere (another
 * agent, or another declared way, whichever is cheaper from here), a lesser goal, a person, then the end with
 * the cut set: who was tried or refused, and why.
 */
import { type FaultData, scopeOf } from '../../base/index.ts';
import {
  agreesPlainly,
  type Amounts,
  aroundOf,
  type AttemptState,
  type Candidate,
  type CutMember,
  type Deciding,
  type EffectDone,
  emit,
  faultData,
  hasCallOut,
  isAgreed,
  presentId,
  questionKey,
  type StepState,
} from '../../model/index.ts';
import { armDue, doubt, isAmbiguous, isHedged, stepTimeLeft } from '../attempt/index.ts';
export { goOn, isSetAside, MAX_CLAIMS, quarantineAnswered } from './quarantine.ts';
import { eligible, hasMore, isAffordable, OVER_BUDGET, shutOut, skillView } from '../route/index.ts';
import { retrySame, wake, whoComesBack } from './again.ts';
import { misfits } from './graph/index.ts';
import { chooseWay, cutSet, leave, leaver } from './way.ts';

/** An agent that asks more before one answer is done asks in a circle. */
const MAX_QUESTIONS = 16;

export function heal(d: Deciding, step: StepState, n: number | undefined, fault: FaultData): void {
  if (step.settledSeq !== 0) return;
  // One of a panel failed: a non-vote. With no attempt named, it is the panel that came to no verdict.
  if (step.panel !== undefined && n !== undefined) return void d.todo.push({ to: 'agree', step: step.id });
  if (isHedged(step, n)) return;
  if (asksPerson(d, step, fault)) return;
  const attempt = step.attempts?.find((a) => a.n === n);
  if (attempt !== undefined && retrySame(d, step, attempt, fault)) return;
  const last = step.attempts?.at(-1);
  // It may have happened, and is not tried again with its key where it was tried: that is found out before anything else.
  if (last?.status === 'failed' && isAmbiguous(step, last, last.fault)) return doubt(d, step, last);
  const failure: Failure = { fault, attempt, short: isShort(d, step, n, fault) };
  if (stepTimeLeft(d, step) && !(endsPlainly(d) && fault.code === 'budget.spent')) {
    if (elsewhere(d, step, failure)) return;
    // An effect that may have happened elsewhere is no reason to go another way: it is found out first.
    if (hasWays(step) && !hasCallOut(step) && chooseWay(d, step, fault, failure.short)) return;
    if (goesBack(d, step, failure)) return;
    if (nextLesser(step) !== undefined) return demote(d, step, nextLesser(step)!, fault);
  }
  escalate(d, step, failure);
}

interface Failure {
  fault: FaultData;
  /** Undefined: it could not begin, or its way came to a bad end. */
  attempt: AttemptState | undefined;
  /** The budget cannot hold a call for the goal that the step is at, and its parent gives no more. */
  short: boolean;
}

/** To the first engine a spent budget was the end of a step: the replay of its runs is equal to the byte. */
function endsPlainly(d: Deciding): boolean {
  return agreesPlainly(d.state.engine);
}

function isShort(d: Deciding, step: StepState, n: number | undefined, fault: FaultData): boolean {
  if (endsPlainly(d)) return false;
  return n === undefined && fault.code === 'budget.spent' && !(hasWays(step) && (step.way ?? -1) >= 0);
}

function nextLesser(step: StepState): number | undefined {
  const next = (step.lesser ?? -1) + 1;
  return step.spec.lesser?.[next] === undefined ? undefined : next;
}

/** Another agent with the skill; where the budget was short, one that it can still hold. */
function elsewhere(d: Deciding, step: StepState, { fault, attempt, short }: Failure): boolean {
  if (short) {
    if (isAgreed(d.state.engine, step.spec.agree)) return false;
    const other = eligible(d.state, step, 1).routed.find(({ candidate }) => canPay(d, step, fault, candidate));
    if (other === undefined) return false;
    const why = step.attempts === undefined ? undefined : 'elsewhere';
    d.todo.push({ to: 'begin', step: step.id, why, agent: other.candidate.agent });
    return true;
  }
  if (hasWays(step) || attempt === undefined || fault.retry === 'never') return false;
  // After a takeover nobody is known yet, or more are there than were shown: beginning asks who there is, and comes
  // back here if nobody is.
  const unknown = skillView(d.state, step) === undefined || hasMore(d.state, step);
  if (!unknown && eligible(d.state, step, 1).routed.length === 0) return false;
  d.todo.push({ to: 'begin', step: step.id, why: 'elsewhere' });
  return true;
}

function canPay(d: Deciding, step: StepState, fault: FaultData, candidate: Candidate): boolean {
  const { wanted } = (fault.detail ?? {}) as { wanted?: Amounts };
  return isAffordable(d.state, step, candidate, wanted);
}

/** Nobody and nothing else is left: whoever said that it may be asked later is waited for. */
function goesBack(d: Deciding, step: StepState, { fault, attempt, short }: Failure): boolean {
  // A panel is asked as a whole, or not at all: one of it that is free again changes nothing.
  if (isAgreed(d.state.engine, step.spec.agree)) return false;
  const inWay = hasWays(step) && (step.way ?? -1) >= 0;
  if (!inWay && !short && (attempt === undefined || fault.retry === 'never')) return false;
  const back = whoComesBack(d, step, nextLesser(step) === undefined, (agent) => {
    const candidate = skillView(d.state, step)?.candidates.find((one) => one.agent === agent);
    return candidate !== undefined && ((!short && !inWay) || canPay(d, step, fault, candidate));
  });
  if (back === undefined) return false;
  if (!inWay) {
    wake(d, step, back);
    return true;
  }
  const undo = misfits(d.state, step, undefined);
  if (!undo.every((one) => one.undoes && one.state === 'done')) return false;
  takeOwn(d, step, fault, undo);
  return true;
}

/** What has no place in it is undone, then the step's own skill is asked (or, once it was demoted, the lesser one). */
function takeOwn(d: Deciding, step: StepState, fault: FaultData, undo: EffectDone[]): void {
  emit(d, {
    type: 'way.taken',
    step: step.id,
    way: -1,
    why: 'failed',
    cost: 0,
    fault,
    undo: undo.length === 0 ? undefined : undo.map((one) => one.step),
  });
  d.todo.push({ to: 'leave', step: step.id });
}

/** An agent that needs a person's word for it: the step waits for that, and the call is made again with it. */
function asksPerson(d: Deciding, step: StepState, fault: FaultData): boolean {
  if (fault.code !== 'input.required' || questionKey(fault) === undefined || !stepTimeLeft(d, step)) return false;
  if (Object.keys(step.answers ?? {}).length >= MAX_QUESTIONS) return false;
  emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault, cut: [] });
  armDue(d, step);
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
  takeOwn(d, step, fault, undo);
}

/** A retry's time has come. */
export function retryDue(d: Deciding, timer: string): void {
  const [, named, ...rest] = timer.split('|');
  const id = named === undefined ? undefined : presentId(d.state, named);
  // An agent's name may hold the sign, a step's id does not.
  const agent = rest.join('|');
  const step = id === undefined ? undefined : d.state.steps.get(id);
  if (step !== undefined && !hasCallOut(step)) d.todo.push({ to: 'begin', step: step.id, why: 'retry', agent });
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

function escalate(d: Deciding, step: StepState, failure: Failure): void {
  const { short } = failure;
  const cut = hasWays(step) ? cutSet(d, step, short) : whoIsShut(d, step, short);
  const last = lastWord(d, step, failure, cut);
  // Asked once: what the person has tried again and failed again ends the step.
  if (step.spec.person !== undefined && step.asked === undefined && stepTimeLeft(d, step)) {
    emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault: last, cut });
    armDue(d, step);
    d.barrier = true;
    return;
  }
  emit(d, { type: 'fault.escalated', step: step.id, to: 'run', fault: last, cut });
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault: last });
}

function whoIsShut(d: Deciding, step: StepState, short: boolean): CutMember[] {
  if (skillView(d.state, step) === undefined) return [];
  const found = eligible(d.state, step, 1);
  const cut = shutOut(found);
  if (!short) return cut;
  return [...cut, ...found.routed.map(({ candidate }) => ({ agent: candidate.agent, why: OVER_BUDGET }))];
}

/** What the step ends with: its failure, and where more was tried, that no way is left. */
function lastWord(d: Deciding, step: StepState, { fault, attempt, short }: Failure, cut: CutMember[]): FaultData {
  if (short) return { ...fault, detail: { ...(fault.detail as object | undefined), cut } };
  const inWays = hasWays(step) || isInWay(d, step);
  const tried = (step.attempts?.length ?? 0) > 1 || cut.length > 1 || inWays;
  if (!tried || (!inWays && (attempt === undefined || fault.retry === 'never'))) return fault;
  return {
    code: 'no-way-left',
    retry: 'never',
    message: `no way is left for step '${step.id}'; the last try: ${fault.message}`,
    detail: { cut, last: fault },
  };
}
