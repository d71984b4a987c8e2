/**
 * Settle: a run comes to its end. First the outcome (`run.ending`), then what must follow it (open
 * effects come back, undo in reverse order, the next run begins), then `run.ended`.
 */
import type { FaultData, Json } from '../../base/index.ts';
import {
  allSpent,
  type Amounts,
  type ChildEffect,
  type Deciding,
  DIMENSIONS,
  type EffectDone,
  emit,
  faultData,
  type ForkPoint,
  hasChildOut,
  joinLabels,
  type Principal,
  type RunOutcome,
  type RunState,
  sendCancel,
  subtractAmounts,
  withdrawTimer,
} from '../../model/index.ts';
import { inSettledScope } from '../plan/index.ts';
import { settle } from './settle.ts';
import { beginUndo, commandUndo } from './undo.ts';

export interface Returned {
  data?: Json;
  labels?: string[];
  fault?: FaultData;
  continueWith?: { run: string; data?: Json };
  unasked: string[];
}

/** The code came to its end. */
export function returned(d: Deciding, input: Returned): void {
  const { state } = d;
  if (state.phase !== 'running') return;
  cancelOpen(d, 'the workflow has returned');
  for (const id of input.unasked) if (isOrphan(state, id)) emit(d, { type: 'step.orphaned', step: id });
  const { continueWith } = input;
  if (continueWith !== undefined) ending(d, 'continued', continueWith.data, undefined, continueWith.run);
  else if (input.fault !== undefined) ending(d, 'failed', undefined, input.fault);
  else ending(d, 'completed', input.data, undefined, undefined, input.labels);
}

/** Settled, and nothing of it is out. */
function isOrphan(state: RunState, id: string): boolean {
  const step = state.steps.get(id);
  return step !== undefined && step.settledSeq !== 0 && step.attempts === undefined && !inSettledScope(state, id);
}

export function cancel(d: Deciding, by: Principal, reason: string, why: 'asked' | 'deadline' | 'parent'): void {
  const { state } = d;
  // It goes on as a new run: that one is cancelled.
  if (state.phase === 'ending' && state.next !== undefined && why === 'parent')
    return sendCancel(d, state.next, reason, state.parent?.run);
  if (state.phase !== 'running' || state.cancelling !== undefined) return;
  emit(d, { type: 'run.cancelling', by, reason, why });
  cancelOpen(d, reason);
  d.commands.push({ do: 'stopCode', reason });
  const code = why === 'deadline' ? 'deadline.passed' : 'step.cancelled';
  ending(d, why === 'deadline' ? 'failed' : 'cancelled', undefined, faultData(code, reason));
}

/** The run goes on elsewhere: in a fork of itself. */
export function leave(d: Deciding, fork: ForkPoint): void {
  const { state } = d;
  if (state.phase !== 'running') return;
  cancelOpen(d, 'the run goes on in a fork');
  d.commands.push({ do: 'stopCode', reason: 'the run goes on in a fork' });
  ending(d, 'continued', undefined, undefined, `${state.run}.fork`, undefined, fork);
}

function cancelOpen(d: Deciding, reason: string): void {
  for (const id of d.state.open) {
    const step = d.state.steps.get(id);
    if (step !== undefined) settle(d, step, { out: 'cancelled', fault: faultData('step.cancelled', reason) });
  }
}

export function ending(
  d: Deciding,
  outcome: RunOutcome,
  data: Json | undefined,
  fault?: FaultData,
  next?: string,
  own?: string[],
  fork?: ForkPoint,
): void {
  const { state } = d;
  const labels = joinLabels(joinLabels(state.labels, own), state.seen);
  d.barrier = true;
  if (next === undefined && !mustUndo(d, outcome) && !workOut(d)) return ended(d, outcome, { data, fault, labels });
  emit(d, { type: 'run.ending', outcome, fault, next, fork, data, labels });
  if (next !== undefined) tellParent(d, outcome);
  d.todo.push({ to: 'end' });
}

/** Also after a restart: whatever the end still waits for is asked again. */
export function end(d: Deciding, again = false): void {
  const { state } = d;
  if (state.phase !== 'ending') return;
  if (workOut(d)) return;
  const undoing = state.effects.find((e) => e.state === 'undoing');
  if (undoing !== undefined) {
    if (again) commandUndo(d, undoing);
    return;
  }
  // What stood when our parent heard that we go on is in its book: it is undone from there.
  const outcome = state.unbegun !== undefined && state.parent !== undefined ? 'continued' : state.outcome;
  const last = state.effects.findLast((e) => isToUndo(e, outcome));
  if (last !== undefined) return beginUndo(d, last);
  if (state.next !== undefined) return beginNext(d, again);
  ended(d, state.outcome ?? 'failed', {});
}

/** The next run of a continue-as-new exists: this one may end. Where it never will, this one has failed. */
export function begun(d: Deciding, run: string, fault?: FaultData): void {
  const { state } = d;
  if (state.phase !== 'ending' || state.next !== run) return;
  if (fault === undefined) return ended(d, 'continued', { next: run });
  emit(d, { type: 'run.ending', outcome: 'failed', fault });
  d.barrier = true;
  d.todo.push({ to: 'end' });
}

function ended(
  d: Deciding,
  outcome: RunOutcome,
  how: { data?: Json; fault?: FaultData; labels?: string[]; next?: string },
): void {
  const { state } = d;
  const spent = allSpent(state);
  emit(d, {
    type: 'run.ended',
    outcome,
    fault: how.fault,
    next: how.next,
    spent: Object.keys(spent).length === 0 ? undefined : spent,
    data: how.data,
    labels: how.labels,
  });
  if (how.next !== undefined && state.forking === undefined) passOn(d, how.next);
  for (const id of state.timers.keys()) withdrawTimer(d, id);
  if (state.deadlineMs !== undefined) withdrawTimer(d, 'deadline');
  d.commands.push({ do: 'stopCode', reason: `the run has ended: ${outcome}` });
  d.barrier = true;
  if (outcome !== 'continued') tellParent(d, outcome);
}

/** Signals that nobody waited for yet are the next run's: they come to it as they came here. */
function passOn({ state, send }: Deciding, to: string): void {
  for (const [signal, waiting] of state.signals)
    for (const { id, by = state.by, data, labels } of waiting)
      send.push({ to, id: `signal:${id}`, dueMs: 0, body: { in: 'signal', signal, id, by, data, labels, letter: '' } });
}

/** A run that goes on as a new one says so before that begins: its parent hears of them in order. */
function tellParent(d: Deciding, outcome: RunOutcome): void {
  const { state } = d;
  if (state.parent === undefined) return;
  const { run, told } = state.unbegun ?? { run: state.run };
  d.send.push({
    to: state.parent.run,
    id: `child:${run}`,
    dueMs: 0,
    body: {
      in: 'child',
      step: state.parent.step,
      run,
      outcome,
      data: outcome === 'completed' ? state.output : undefined,
      labels: state.outputLabels,
      fault: state.fault,
      spent: told === undefined ? allSpent(state) : subtractAmounts(allSpent(state), told),
      next: state.next,
      effects: standing(state, outcome),
      letter: '',
    },
  });
}

/** What it did for its parent, who has it undone where the parent's own run comes to nothing. */
function standing({ run, effects }: RunState, outcome: RunOutcome): ChildEffect[] | undefined {
  if (outcome !== 'completed' && outcome !== 'continued') return undefined;
  const stand = effects.filter((done) => done.undoes && done.state === 'done' && done.unwanted !== true);
  if (stand.length === 0) return undefined;
  return stand.map(({ step, agent, skill, key, effect, of = { run, step } }) => {
    return { step, agent, skill, key, effect, of };
  });
}

/** What is being undone already, for a way that was left, is waited for too. */
function mustUndo(d: Deciding, outcome: RunOutcome): boolean {
  return d.state.effects.some((e) => e.state === 'undoing' || isToUndo(e, outcome));
}

/** All that can be, when the run fails; what landed for a cancelled step however it ends. */
function isToUndo(done: EffectDone, outcome: RunOutcome | undefined): boolean {
  if (!done.undoes || done.state !== 'done') return false;
  return done.unwanted === true || outcome === 'failed' || outcome === 'cancelled';
}

/** Calls with effects whose outcome is not known yet, and children that have not ended. */
function workOut(d: Deciding): boolean {
  for (const step of d.state.steps.values()) {
    if (hasChildOut(step)) return true;
    if (step.attempts?.some((a) => a.effect !== 'pure' && (a.status === 'open' || a.status === 'unknown'))) return true;
  }
  return false;
}

function beginNext(d: Deciding, again: boolean): void {
  const { state } = d;
  const next = state.next!;
  if (d.commands.some((command) => (command.do === 'startRun' || command.do === 'fork') && command.run === next))
    return;
  d.barrier = true;
  if (state.forking !== undefined) return void d.commands.push({ do: 'fork', run: next, from: state.forking });
  d.commands.push({
    do: 'startRun',
    run: next,
    workflow: state.workflow,
    version: state.version,
    data: state.output,
    labels: state.outputLabels ?? state.labels,
    by: state.by,
    budget: budgetLeft(state),
    deadlineMs: state.deadlineMs,
    parent: state.parent,
    continues: state.run,
    blockEffects: state.blockEffects ? true : undefined,
    drift: state.drift,
    agents: state.agents,
    goal: state.goal,
    again: again ? true : undefined,
  });
}

/** One budget for all runs that carry each other on. What is held may still be spent. */
function budgetLeft(state: RunState): Amounts | undefined {
  const { limit } = state.budget;
  if (limit === undefined) return undefined;
  const left = subtractAmounts(limit, allSpent(state));
  return Object.fromEntries(
    DIMENSIONS.filter((d) => limit[d] !== undefined).map((d) => [d, Math.max(0, left[d] ?? 0)] as const),
  );
}
