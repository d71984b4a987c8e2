/**
 * fold: what each event makes of a run's state. Total: any journal that was written folds, on this
 * version and on later ones. `at` is the time of the event's turn.
 */
import { idAfter } from '../base/index.ts';
import { ERASED_PLAN, isErased } from './erased.ts';
import type { Event, EventOf, StepAsked, Turn } from './events.ts';
import { foldEnd } from './fold-end.ts';
import { foldBudget } from './fold-budget.ts';
import { foldAnswer } from './fold-answer.ts';
import { foldAttempt, noteEffect } from './fold-attempt.ts';
import { foldClaimed, keepBranches, namesBeside, renameWaiting, setDue } from './fold-resumed.ts';
import { grown, type RunState, type StepState } from './state.ts';
import { hasCallOut, isOut, WHOLE_RUN } from './state-facts.ts';
import {
  addInside,
  foldOrphaned,
  addSkipped,
  branchLabels,
  dropInside,
  foldBranch,
  foldTurned,
  joinedOutput,
  noteLosers,
  takeAway,
} from './fold-inside.ts';
import { countSettled, isScheduled } from './plan-state.ts';
import { isTimerOf } from './step-timers.ts';
import { settledStep } from './settled-step.ts';
import { foldFreed, isProgress } from './fold-quarantine.ts';
import { foldForlorn, foldResumedStep, foldTriedAgain, foldWay, leaveWay } from './fold-way.ts';
import type { Plan } from './plan.ts';
import { joinLabels, type StepSpec } from './words.ts';

export function foldTurn(state: RunState, turn: Turn): void {
  state.at = turn.at;
  for (const event of turn.events) fold(state, event);
}

export function fold(state: RunState, event: Event): void {
  state.head++;
  if (state.claims !== undefined && isProgress(event)) state.claims = undefined;
  if (isErased(event.data)) state.lacks = true;
  switch (event.type) {
    case 'run.admitted':
      return foldAdmitted(state, event);
    case 'run.planned':
      // A fork's steps stood under another plan, or another input.
      if (state.plan !== undefined || state.forkOf !== undefined) state.replanned = true;
      state.plan = planIn(event);
      state.planHash = event.hash;
      return;
    case 'run.claimed':
      return foldClaimed(state, event);
    case 'run.rested':
      return;
    case 'run.quarantined':
      state.quarantine = { fault: event.fault, sinceMs: state.at };
      return;
    case 'run.restored':
      state.restoredMs = event.restoredMs;
      state.claims = undefined;
      for (const step of state.steps.values()) for (const attempt of step.attempts ?? []) attempt.doubted = undefined;
      return;
    case 'run.cancelling':
    case 'run.ending':
    case 'run.ended':
      return foldEnd(state, event);
    case 'step.asked':
      return foldAsked(state, event);
    case 'step.resumed':
      return foldResumedStep(state, event);
    case 'step.renamed':
      return foldRenamed(state, event.was, event.step);
    case 'step.redone': {
      const step = state.steps.get(event.step);
      if (step === undefined) return;
      takeAway(state, step);
      dropRetries(state, step.id);
      state.drifting?.delete(step.id);
      return;
    }
    case 'step.settled':
      return foldSettled(state, event);
    case 'step.skipped':
      addSkipped(state, event);
      return settle(state, event.step, (step) => {
        step.out = 'skipped';
        step.fault = { code: 'step.skipped', retry: 'never', message: event.cause };
      });
    case 'step.demoted':
      return onStep(state, event.step, (step) => {
        step.lesser = event.lesser;
        step.at = 'asked';
        leaveWay(state, step);
        // Another goal, another panel.
        step.agree = undefined;
        step.panel = undefined;
      });
    case 'way.taken':
      return foldWay(state, event);
    case 'step.orphaned':
      return foldOrphaned(state, event.step);
    case 'drift.found':
      return onStep(state, event.step, (step) => {
        step.driftHash = event.has;
        if (event.ask !== undefined) step.drifted = { ...event.ask, data: event.data, labels: event.labels };
        step.asleep = undefined;
        if (step.settledSeq === 0) step.at = 'drifted';
        else (state.drifting ??= new Set()).add(step.id);
      });
    case 'drift.answered':
      return onStep(state, event.step, (step) => {
        if (event.choice === 'keep') {
          step.keptHash = step.driftHash;
          step.keptKind = step.drifted?.kind;
        }
        if (step.at === 'drifted') step.at = 'asked';
        state.drifting?.delete(step.id);
        step.driftHash = undefined;
        step.drifted = undefined;
      });
    case 'candidates.found':
      if (event.step !== undefined) return foldView(state, event, event.step);
      (state.skills = grown(state.skills)).set(event.skill, {
        position: event.position,
        candidates: event.candidates,
        refused: event.refused,
        more: event.more,
        choice: event.choice,
      });
      return;
    case 'agree.begun':
      return onStep(state, event.step, (step) => {
        step.agree = event.agree;
        step.panel = event.panel;
        step.members = event.members;
        step.judges = event.judges;
        step.equal = event.equal;
        step.affords = event.affords;
      });
    case 'agree.verdict':
      return;
    case 'branch.ended':
      return foldBranch(state, event);
    case 'join.frozen':
      return onStep(state, event.step, (step) => {
        step.frozen = event.inputs;
      });
    case 'loop.turned':
      return foldTurned(state, event);
    case 'timer.set':
      (state.timers = grown(state.timers)).set(event.id, event.dueMs);
      return;
    case 'timer.fired':
      state.timers.delete(event.id);
      return;
    case 'signal.received': {
      (state.heard = grown(state.heard)).add(event.id);
      state.refused?.delete(event.id);
      const waiting = state.signals.get(event.signal) ?? [];
      waiting.push({ id: event.id, by: event.by, data: event.data, labels: event.labels });
      (state.signals = grown(state.signals)).set(event.signal, waiting);
      return;
    }
    case 'gate.opened':
      return onStep(state, event.step, (step) => {
        step.at = 'gated';
      });
    case 'gate.answered':
      (state.heard = grown(state.heard)).add(event.id);
      state.refused?.delete(event.id);
      if (event.step === WHOLE_RUN) return foldFreed(state);
      return onStep(state, event.step, (step) => {
        if (foldAnswer(step, event)) return;
        if (
          step.at === 'person' &&
          step.asked !== undefined &&
          event.attempt === undefined &&
          event.choice === 'approve'
        )
          return foldTriedAgain(state, step);
        // A gated effect has passed: it may be worked now. A gate settles by an event of its own.
        if (step.at !== 'gated' || event.choice === 'deny') return;
        step.at = 'asked';
        step.passed = true;
        if (event.choice === 'edit') step.input = event.data;
      });
    case 'letter.refused':
      (state.heard = grown(state.heard)).add(event.id);
      (state.refused ??= new Set()).add(event.id);
      return;
    case 'fault.healed':
      return onStep(state, event.step, (step) => {
        step.failingSince = undefined;
      });
    case 'fault.escalated':
      return onStep(state, event.step, (step) => {
        if (event.to !== 'person' || step.settledSeq !== 0 || step.driftHash !== undefined) return;
        step.at = 'person';
        if (event.fault.code !== 'effect.unknown') step.asked = event.fault;
      });
    case 'plan.grafted':
      return onStep(state, event.step, (step) => {
        step.graft = planIn(event);
        step.labels = joinLabels(step.labels, event.labels);
        step.at = 'working';
      });
    case 'payload.erased':
      state.erased = [...(state.erased ?? []), ...event.seqs];
      return;
    case 'attempt.begun':
    case 'attempt.ended':
    case 'effect.unknown':
    case 'effect.reconciled':
    case 'effect.carried':
    case 'undo.begun':
    case 'undo.ended':
      return foldAttempt(state, event);
    case 'child.started':
    case 'child.ended':
    case 'budget.wanted':
    case 'budget.heard':
    case 'budget.answered':
    case 'budget.overrun':
      return foldBudget(state, event);
  }
}

function planIn({ data }: EventOf<'run.planned' | 'plan.grafted'>): Plan {
  return isErased(data) ? ERASED_PLAN : (data as unknown as Plan);
}

function foldAdmitted(state: RunState, event: EventOf<'run.admitted'>): void {
  state.run = event.run;
  state.phase = 'running';
  state.workflow = event.workflow;
  state.version = event.version;
  state.engine = event.engine;
  state.by = event.by;
  state.seed = event.seed;
  state.goal = event.goal;
  state.labels = event.labels;
  state.input = event.data;
  state.parent = event.parent;
  state.forkOf = event.forkOf;
  state.blockEffects = event.blockEffects === true;
  state.drift = event.drift;
  state.agents = event.agents;
  state.traceparent = event.traceparent;
  state.prefer = event.prefer;
  state.admittedAt = state.at;
  state.deadlineMs = event.deadlineMs;
  state.budget.limit = event.budget;
  state.budget.draws = event.parent?.draws === true;
  state.budget.drawn = event.parent?.drawn;
  if (state.budget.draws) state.budget.limit = { ...event.budget };
}

function foldView(state: RunState, event: EventOf<'candidates.found'>, id: string): void {
  onStep(state, id, (step) => {
    const { skill, position, candidates, refused, more, choose } = event;
    if (step.settledSeq !== 0) return;
    step.view = { skill, position, candidates, refused, choose };
    if (more !== undefined) Object.assign(step.view, { more, tries: step.tries });
  });
}

const NO_SPEC: StepSpec = Object.freeze({});

function foldAsked(state: RunState, event: StepAsked): void {
  const before = state.steps.get(event.step);
  const spec = event.spec ?? NO_SPEC;
  const step: StepState = {
    id: event.step,
    ...namesBeside(state, event),
    kind: event.kind,
    hash: event.hash,
    spec,
    at: 'asked',
    askedAt: state.at,
    input: event.data,
    labels: event.labels,
    settledSeq: 0,
  };
  if (before !== undefined && before.settledSeq === 0) {
    // Asked again while open, with another input: what is inside stays, matched by its own ids.
    keepBranches(step, before);
    step.inside = before.inside;
    step.turn = before.turn;
    step.carry = before.carry;
    step.child = before.child;
    step.childEnded = before.childEnded;
    step.childHeld = before.childHeld;
    step.bornAs = before.bornAs;
  }
  if (spec.untilMs !== undefined || spec.waitMs !== undefined) setDue(step);
  state.steps.set(step.id, step);
  state.open.add(step.id);
  if (before === undefined) addInside(state, step.id);
}

function foldRenamed(state: RunState, was: string, id: string): void {
  if (rename(state, was, id)) addInside(state, id);
}

function rename(state: RunState, was: string, id: string): boolean {
  const step = state.steps.get(was);
  if (step === undefined) return false;
  state.steps.delete(was);
  if (step.settledSeq !== 0) {
    countSettled(state, was, -1);
    countSettled(state, id, 1);
  }
  step.bornAs ??= was;
  step.leaving = step.leaving?.map((one) => idAfter(one, was, id));
  (state.renamed = grown(state.renamed)).set(was, id);
  state.renamed.delete(id);
  step.id = id;
  state.steps.set(id, step);
  if (state.open.delete(was)) state.open.add(id);
  if (state.drifting?.delete(was)) state.drifting.add(id);
  renameWaiting(state, was, id);
  if (step.inside === undefined) return true;
  // Also of a way that it has left: what was done there is still its own.
  const inside = [...step.inside].map(
    ([scope, ids]) => [scope, ids.map((old) => ({ old, now: idAfter(old, was, id) }))] as const,
  );
  step.inside = new Map(inside.map(([scope, ids]) => [idAfter(scope, was, id), ids.map(({ now }) => now)]));
  for (const [, ids] of inside) for (const { old, now } of ids) rename(state, old, now);
  return true;
}

function foldSettled(state: RunState, event: EventOf<'step.settled'>): void {
  settle(state, event.step, (step) => {
    step.out = event.out;
    step.fault = event.fault;
    if (event.out === 'failed' && step.way !== undefined) foldForlorn(state, step);
    if (event.from === undefined) {
      step.output = event.data;
      step.labels = joinLabels(step.labels, event.labels);
      if (step.branches !== undefined && event.out === 'ok') {
        step.output ??= joinedOutput(step);
        step.labels = branchLabels(step);
      }
    } else {
      const attempt = step.attempts?.find((a) => a.n === event.from);
      step.output = attempt?.output;
      step.labels = joinLabels(step.labels, attempt?.labels);
      if (attempt !== undefined) noteEffect(state, step, attempt);
    }
    if (step.kind === 'signal' && event.out === 'ok') {
      const queue = state.signals.get(step.spec.signal ?? '');
      queue?.shift();
      if (queue?.length === 0) state.signals.delete(step.spec.signal ?? '');
    }
    noteLosers(state, step);
    dropInside(state, step);
  });
}

/** Settles a step and lets go of what only an open step needs. */
function settle(state: RunState, id: string, change: (step: StepState) => void): void {
  const step = state.steps.get(id);
  if (step === undefined || step.settledSeq !== 0) return;
  change(step);
  step.at = 'settled';
  step.settledSeq = state.head;
  step.view = undefined;
  countSettled(state, id, 1);
  state.open.delete(id);
  dropRetries(state, id);
  // Attempts still out may come back late, to be billed.
  step.attempts = hasCallOut(step) ? step.attempts?.filter(isOut) : undefined;
  if (step.attempts === undefined) step.input = undefined;
  if (step.driftHash !== undefined) (state.drifting ??= new Set()).add(id);
  if (!isScheduled(state, id) && step.labels !== undefined) state.seen = joinLabels(state.seen, step.labels);
  // What a map or join was made of is in its output.
  if (step.kind === 'map' || step.kind === 'join') step.frozen = undefined;
  // A local function's step has nothing that only an open one needs.
  if (step.kind !== 'code') state.steps.set(id, settledStep(step));
}

function dropRetries(state: RunState, id: string): void {
  if (state.timers.size === 0) return;
  for (const timer of state.timers.keys()) if (isTimerOf(timer, id)) state.timers.delete(timer);
}

function onStep(state: RunState, id: string, change: (step: StepState) => void): void {
  const step = state.steps.get(id);
  if (step !== undefined) change(step);
}
