/**
 * Plan, for workflows as code: the code asks for steps, and each is matched with what the journal holds.
 *
 * I1  A step is known by its id alone; nothing is matched by position.
 * I2  A settled step asked again with the same hash gives its result again, and nothing is worked.
 * I3  With another hash it is drift: keep, redo, or a person decides; until then the step gives nothing.
 * I4  An open step asked again with another hash is worked anew, unless an effect of it may have happened:
 *     then that is drift too.
 * I5  Where the scope has settled, its code may still run on for a moment: what it asks is not begun.
 */
import { type FaultData, type Json, scopeOf } from '../../base/index.ts';
import { type Deciding, emit, faultData, type RunState, type StepAsk, type StepState } from '../../model/index.ts';

import { clearTimers } from './timers.ts';

type Ran = { data?: Json; fault?: FaultData } | undefined;

export function asked(d: Deciding, asks: readonly StepAsk[], ran: readonly Ran[] = []): void {
  for (let i = 0; i < asks.length; i++) askedOne(d, asks[i]!, ran[i]);
}

function askedOne(d: Deciding, ask: StepAsk, ran: Ran): void {
  const { state } = d;
  let step = state.steps.get(ask.step);
  if (step === undefined && ask.was !== undefined && state.steps.has(ask.was)) {
    emit(d, { type: 'step.renamed', step: ask.step, was: ask.was });
    step = state.steps.get(ask.step);
  }
  if (step === undefined && inSettledScope(state, ask.step)) return tellOver(d, ask);
  if (step === undefined) return ran === undefined ? begin(d, ask) : settleAtOnce(d, ask, ran);
  if (step.kind !== ask.kind) return drift(d, step, ask, `it was a ${step.kind} step and is now asked as ${ask.kind}`);
  if (step.settledSeq !== 0) return askedSettled(d, step, ask);
  if (step.hash === ask.hash || step.keptHash === ask.hash) return attach(d, step);
  if (isComposite(step) || !mayHaveActed(d, step)) return askAnew(d, step, ask);
  drift(d, step, ask, 'an effect of it may already have happened with the former input');
}

function begin(d: Deciding, ask: StepAsk): void {
  emit(d, { type: 'step.asked', ...ask });
  d.todo.push({ to: 'begin', step: ask.step });
}

/** A local function that answered before anything was decided: asked and settled in one turn. */
function settleAtOnce(d: Deciding, ask: StepAsk, ran: { data?: Json; fault?: FaultData }): void {
  emit(d, { type: 'step.asked', ...ask });
  const running = d.state.cancelling === undefined && d.state.phase === 'running';
  if (!running) d.todo.push({ to: 'begin', step: ask.step });
  else
    d.todo.push({
      to: 'settle',
      step: ask.step,
      out: ran.fault === undefined ? 'ok' : 'failed',
      data: ran.data,
      fault: ran.fault,
    });
}

/** Only composites make scopes; one that is settled, or gone with one that is, works nothing any more. */
export function inSettledScope(state: RunState, id: string): boolean {
  const scope = scopeOf(id);
  if (scope === '') return false;
  const around = state.steps.get(scopeOf(scope));
  return around === undefined || around.settledSeq !== 0;
}

function tellOver(d: Deciding, ask: StepAsk): void {
  const fault = faultData('step.cancelled', 'its scope has ended');
  d.commands.push({ do: 'release', step: ask.step, seq: d.state.head, out: 'cancelled', fault });
}

/** Gives the result of a settled step again; while a person decides on its drift it gives nothing. */
export function release(d: Deciding, step: StepState): void {
  if (d.state.plan !== undefined || step.driftHash !== undefined) return;
  d.commands.push({
    do: 'release',
    step: step.id,
    seq: step.settledSeq,
    out: step.out ?? 'cancelled',
    data: step.output,
    fault: step.fault,
  });
}

function askedSettled(d: Deciding, step: StepState, ask: StepAsk): void {
  if (step.hash === ask.hash || step.keptHash === ask.hash) return release(d, step);
  // A cancelled or skipped step gave nothing that could be inconsistent.
  if (step.out === 'cancelled' || step.out === 'skipped') return redo(d, step, ask);
  drift(d, step, ask, 'its input, output schema or effect class differs from what was settled');
}

/** An open step that the code asks for again after a restart: what is volatile about it starts again. */
function attach(d: Deciding, step: StepState): void {
  if (step.kind === 'loop' || step.kind === 'map' || step.kind === 'join') openComposite(d, step);
  else if (step.kind === 'code')
    d.commands.push({ do: 'runCode', step: step.id, code: step.spec.code, data: step.input });
}

/** The code may run what is inside: from this turn, but for these branches. */
export function openComposite(d: Deciding, step: StepState): void {
  d.commands.push({
    do: 'open',
    step: step.id,
    turn: step.turn ?? 0,
    data: step.carry ?? step.input,
    done: step.branches === undefined ? undefined : [...step.branches.keys()],
  });
}

function askAnew(d: Deciding, step: StepState, ask: StepAsk): void {
  clearTimers(d, step);
  for (const attempt of step.attempts ?? []) {
    if (attempt.status !== 'open') continue;
    d.commands.push({ do: 'stopAttempt', step: step.id, n: attempt.n, reason: 'asked again with another input' });
    emit(d, { type: 'attempt.ended', step: step.id, n: attempt.n, cost: attempt.held, late: true });
  }
  if (!isComposite(step)) emit(d, { type: 'step.redone', step: step.id, why: 'input' });
  begin(d, ask);
}

function redo(d: Deciding, step: StepState, ask: StepAsk): void {
  clearTimers(d, step);
  emit(d, { type: 'step.redone', step: step.id, why: 'drift' });
  // The plan says itself what it asks for.
  if (d.state.plan === undefined) begin(d, ask);
  else d.todo.push({ to: 'advance', scope: scopeOf(step.id) });
}

export function drift(d: Deciding, step: StepState, ask: StepAsk, why: string): void {
  // Of an erased input nobody can say what it was: the result stands.
  const otherwise = d.state.erased === undefined ? 'ask' : 'keep';
  const policy = ask.spec?.drift ?? step.spec.drift ?? d.state.drift ?? otherwise;
  if (step.driftHash !== ask.hash) {
    const { data, labels, ...rest } = ask;
    emit(d, { type: 'drift.found', step: step.id, had: step.hash, has: ask.hash, ask: rest, data, labels });
  }
  if (policy === 'keep' && step.settledSeq !== 0) {
    emit(d, { type: 'drift.answered', step: step.id, choice: 'keep', by: d.state.by });
    return release(d, step);
  }
  if (policy === 'redo' && !mayHaveActed(d, step)) {
    emit(d, { type: 'drift.answered', step: step.id, choice: 'redo', by: d.state.by });
    return redo(d, step, ask);
  }
  const fault = faultData('step.drift', `step '${step.id}' drifted: ${why}`, 'never', {
    step: step.id,
    had: step.hash,
    has: ask.hash,
  });
  emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault, cut: [] });
}

/** A person has chosen (`ask` is what the drift was about). `redo` of something that may have acted is the person's own word. */
export function driftAnswered(d: Deciding, step: StepState, ask: StepAsk | undefined, choice: 'keep' | 'redo'): void {
  const { state } = d;
  if (state.plan !== undefined) {
    if (choice === 'redo') emit(d, { type: 'step.redone', step: step.id, why: 'drift' });
    return void d.todo.push({ to: 'advance', scope: scopeOf(step.id) });
  }
  if (choice === 'keep') {
    if (step.settledSeq !== 0) release(d, step);
    else attach(d, step);
    return;
  }
  if (ask !== undefined) redo(d, step, ask);
}

function isComposite(step: StepState): boolean {
  return step.kind === 'map' || step.kind === 'join' || step.kind === 'loop' || step.kind === 'workflow';
}

export function mayHaveActed(d: Deciding, step: StepState): boolean {
  if (step.kind === 'workflow') return step.child !== undefined;
  if (step.attempts?.some((a) => a.effect !== 'pure')) return true;
  return d.state.effects.some((done) => done.step === step.id && done.state !== 'undone');
}
