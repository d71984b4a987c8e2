/** Checks on every event, against the fold of everything before it. */
import { isOfStep, isWithin, scopeOf } from '../../base/index.ts';
import {
  addAmounts,
  type EffectDone,
  type Event,
  type EventOf,
  hasRight,
  overrun,
  passOf,
  type Principal,
  type RunState,
  type Turn,
} from '../../model/index.ts';
import { checkEdges, checkPlanned, defOf } from './check-plan.ts';
import { checkPoison } from './check-poison.ts';
import type { Findings } from './finding.ts';
import type { RunView } from './views.ts';

export interface EventChecking {
  findings: Findings;
  /** Where wall time goes back, what was due may be early again. */
  clockJumps: boolean;
  /** The rights that a principal truly has, whatever a message claims. */
  rightsOf(id: string): readonly string[] | undefined;
  /** Its code or its plan changes while it runs. */
  edited(run: string): boolean;
  /** Its plan changes so that a step may drift. */
  askedOtherwise(run: string): boolean;
}

/** Before the event is folded into `view.state`. */
export function checkBefore(c: EventChecking, view: RunView, event: Event, turn: Turn): void {
  const { run, state } = view;
  if (event.type === 'step.asked' || event.type === 'attempt.begun') checkOwnWay(c, view, event.step);
  const bad = (check: Parameters<Findings['add']>[0], what: string): void => c.findings.add(check, run, what);
  checkPlanned(c, view, event);
  checkPoison(c, view, event);
  switch (event.type) {
    case 'attempt.begun': {
      const id = `${event.step}|${event.n}`;
      const step = state.steps.get(event.step);
      if (view.settled.has(event.step) || step === undefined)
        bad('settled.once', `attempt ${id} begins though the step is settled or unknown`);
      if (view.begun.has(id)) bad('attempt.once', `attempt ${id} begins twice`);
      const unknown = step?.attempts?.find((a) => a.status === 'unknown');
      if (unknown !== undefined)
        bad('effect.elsewhere', `${id} begins at ${event.agent} while ${unknown.n} at ${unknown.agent} is unknown`);
      view.begun.set(id, state.head);
      return;
    }
    case 'attempt.ended': {
      const id = `${event.step}|${event.n}`;
      if (!view.begun.has(id) || view.ended.has(id)) bad('attempt.once', `attempt ${id} ends without being out`);
      view.ended.add(id);
      if ((event.late === true) !== view.settled.has(event.step) && event.late !== true)
        bad('late.output', `the late answer of ${id} is journaled as one in time`);
      return;
    }
    case 'step.settled':
      return checkSettled(c, view, event, turn);
    case 'branch.ended':
      if (view.frozen.has(event.step)) bad('join.frozen', `${event.branch} ends after ${event.step} was frozen`);
      return;
    case 'join.frozen':
      if (isOfEdges(view, event, turn)) return checkEdges(c, view, event);
      if (view.frozen.has(event.step)) bad('join.frozen', `${event.step} is frozen twice`);
      view.frozen.add(event.step);
      return;
    case 'signal.received':
      heardOnce(c, view, event.id);
      return checkRight(c, view, event.by, `signal:${event.signal}`);
    case 'gate.answered':
      heardOnce(c, view, event.id);
      return checkRight(c, view, event.by, rightOver(state, event.step));
    case 'child.ended':
      return heardOnce(c, view, `child:${event.run}`);
    case 'budget.answered':
      // A want that is passed on is answered later.
      if (event.granted !== undefined || event.refused === true) heardOnce(c, view, `want:${event.child}:${event.id}`);
      return;
    case 'way.taken':
      return checkLeft(c, view, event);
    case 'undo.begun': {
      // Tried again: its turn had come before.
      if (state.effects.some((e) => e.step === event.step && e.state === 'undoing')) return;
      const last = toUndo(view, event.step);
      if (last?.step !== event.step) bad('undo.order', `${event.step} is undone before ${last?.step ?? 'nothing'}`);
      return;
    }
    case 'drift.found':
    case 'step.orphaned':
      if (!c.edited(run) && !c.askedOtherwise(run) && !isGoneFromPlan(state, event))
        bad('drift.none', `${event.type} ${event.step}`);
      return;
    case 'step.redone': {
      const settled = view.settled.get(event.step);
      // Part of a way whose effects were undone.
      if (event.why === 'undone' && wasUndoneIn(state, scopeOf(event.step))) return;
      // In a plan, what failed and is asked otherwise is simply tried.
      if (settled?.out !== 'ok' && (settled?.out !== 'failed' || state.plan !== undefined)) return;
      const word = turn.events.some((e) => e.type === 'drift.answered' && e.step === event.step && e.choice === 'redo');
      if (!word) bad('settled.once', `${event.step} is settled, and is worked anew though nobody said so`);
      return;
    }
    case 'run.cancelling':
      if (event.why === 'asked') checkRight(c, view, event.by, 'run:cancel');
      return;
    default:
  }
}

function wasUndoneIn({ effects }: RunState, scope: string): boolean {
  return effects.some((done) => done.state === 'undone' && isWithin(done.step, scope));
}

function rightOver(state: RunState, id: string): string {
  const step = state.steps.get(id);
  return (step && passOf(state, step).right) ?? 'gate:answer';
}

/** Another plan does without it. Plans are changed at their top alone. */
function isGoneFromPlan({ plan }: RunState, { type, step }: Event & { step: string }): boolean {
  return (
    type === 'step.orphaned' &&
    plan !== undefined &&
    !step.includes('/') &&
    !plan.steps.some(({ name }) => name === step)
  );
}

/** Of a step in a plan that is asked in this turn, the first that is frozen is what it came after; of a map later its branches. */
export function isOfEdges({ state }: RunView, event: EventOf<'join.frozen'>, turn: Turn): boolean {
  if (state.plan === undefined) return false;
  const before = turn.events.slice(0, turn.events.indexOf(event));
  // A map that comes after all of its edges freezes its branches alone.
  const { join = 'all' } = defOf(state.plan, state, event.step) ?? {};
  if (state.steps.get(event.step)?.kind === 'map' && join === 'all') return false;
  const asked = before.findLastIndex((e) => e.type === 'step.asked' && e.step === event.step);
  return asked >= 0 && !before.slice(asked).some((e) => e.type === 'join.frozen' && e.step === event.step);
}

/** Of a way that is left, what stands inside of its step is undone, the last first: and nothing else. */
function checkLeft(c: EventChecking, { run, state }: RunView, { step, undo = [] }: EventOf<'way.taken'>): void {
  const standing = state.effects.filter(({ state: now }) => now !== 'undone' && now !== 'carried').map((e) => e.step);
  const order = undo.map((id) => standing.lastIndexOf(id));
  const isRight = order.every((at, i) => at >= 0 && (i === 0 || at < order[i - 1]!));
  if (!isRight || undo.some((id) => !isOfStep(id, step)))
    c.findings.add('undo.order', run, `${step} takes another way, to undo ${undo.join()} of ${standing.join()}`);
}

/** Nothing of another way begins while what does not fit it stands. */
function checkOwnWay(c: EventChecking, { run, state }: RunView, id: string): void {
  for (let at = id; at !== ''; at = scopeOf(at)) {
    const leaving = state.steps.get(at)?.leaving ?? [];
    const left = state.effects.find((e) => leaving.includes(e.step) && (e.state === 'done' || e.state === 'undoing'));
    if (left !== undefined)
      c.findings.add('undo.order', run, `${id} begins while ${left.step} of the way before it stands`);
  }
}

/** What is to be undone next: for the step that leaves a way (another plan may have taken it out since), or for the end of the run. */
function toUndo({ state, left }: RunView, id: string): EffectDone | undefined {
  const standing = (e: EffectDone): boolean => e.undoes && (e.state === 'done' || e.state === 'undoing');
  if (state.phase === 'running') {
    for (let at = id; at !== ''; at = scopeOf(at)) {
      const leaving = state.steps.get(at)?.leaving;
      if (leaving?.includes(id) === true) return state.effects.findLast((e) => standing(e) && leaving.includes(e.step));
    }
    return state.effects.findLast((e) => standing(e) && left.has(e.step));
  }
  // A run that completes undoes only what landed for steps that were cancelled, and what stood in the way of another way.
  const aborts = state.outcome !== 'completed' && state.outcome !== 'continued';
  return state.effects.findLast((e) => standing(e) && (aborts || e.unwanted || left.has(e.step)));
}

/** Where a step drifts, the same turn says what becomes of that: the author's word, or that a person is asked. */
export function checkDrift(c: EventChecking, view: RunView, turn: Turn): void {
  for (const event of turn.events) {
    if (event.type !== 'drift.found') continue;
    const told = turn.events.some(
      (e) =>
        (e.type === 'drift.answered' && e.step === event.step) ||
        (e.type === 'fault.escalated' && e.step === event.step && e.to === 'person' && e.fault.code === 'step.drift'),
    );
    if (!told) c.findings.add('drift.told', view.run, `${event.step} drifted, and nobody is told`);
  }
}

/** After the event is folded. */
export function checkAfter(c: EventChecking, view: RunView, event: Event): void {
  const { run, state } = view;
  switch (event.type) {
    case 'attempt.begun':
    case 'child.started':
    case 'budget.answered': {
      if (event.type === 'budget.answered' && event.granted === undefined) return;
      const { limit, spent, held } = state.budget;
      if (limit === undefined) return;
      const over = overrun(addAmounts(spent, held), limit);
      if (over !== undefined)
        c.findings.add('budget.held', run, `${event.type}: ${JSON.stringify({ limit, spent, held })}`);
      return;
    }
    default:
  }
}

function checkSettled(c: EventChecking, view: RunView, event: EventOf<'step.settled'>, turn: Turn): void {
  const { run, state } = view;
  const step = state.steps.get(event.step);
  if (view.settled.has(event.step) || step === undefined)
    c.findings.add('settled.once', run, `${event.step} is settled again (${event.out})`);
  if (event.from !== undefined) {
    const attempt = step?.attempts?.find((a) => a.n === event.from);
    if (attempt?.status !== 'answered')
      c.findings.add('late.output', run, `${event.step} is settled from ${event.from}, which is ${attempt?.status}`);
  }
  if (!c.clockJumps && step?.kind === 'wait' && event.out === 'ok' && step.dueMs !== undefined && turn.at < step.dueMs)
    c.findings.add('wait.early', run, `${event.step} ends ${step.dueMs - turn.at} ms early`);
}

function heardOnce(c: EventChecking, view: RunView, id: string): void {
  if (view.heard.has(id)) c.findings.add('heard.once', view.run, `${id} is taken twice`);
  view.heard.add(id);
}

function checkRight(c: EventChecking, view: RunView, by: Principal, right: string): void {
  const rights = c.rightsOf(by.id);
  if (rights === undefined || hasRight({ id: by.id, rights: [...rights] }, right)) return;
  c.findings.add('rights.kept', view.run, `${by.id} was heard and has no right '${right}'`);
}
