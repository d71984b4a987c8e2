/** What a take-over, an edit of the code and a renaming make of steps that are there already. */
import { scopeOf } from '../base/index.ts';
import type { EventOf } from './events.ts';
import { type BranchState, type RunState, stepCalled, type StepState } from './state.ts';
import type { StepKind, StepSpec } from './words.ts';

/** Kinds that do something when they begin: after a take-over they wait until the code asks for them again. */
const BEGINNING: ReadonlySet<StepKind> = new Set<StepKind>(['ask', 'effect', 'plan', 'workflow', 'signal']);

export function foldClaimed(state: RunState, event: EventOf<'run.claimed'>): void {
  state.worker = event.worker;
  state.epoch = event.epoch;
  // Facts of the site may have changed while nobody held the run: ask again.
  state.skills.clear();
  for (const step of state.steps.values()) {
    for (const attempt of step.attempts ?? [])
      if (attempt.status === 'open' && attempt.effect !== 'pure') attempt.again = true;
    if (state.plan === undefined && step.settledSeq === 0 && BEGINNING.has(step.kind)) step.asleep = true;
  }
}

export function foldResumed(step: StepState, event: EventOf<'step.resumed'>): void {
  step.asleep = undefined;
  if (event.hash !== undefined) step.hash = event.hash;
  if (event.spec === undefined) return;
  step.spec = event.spec;
  setDue(step);
  // Another right, or none: the gate is opened anew.
  if (step.at === 'gated') step.at = 'asked';
}

export function setDue(step: StepState): void {
  const { untilMs, waitMs } = step.spec;
  step.dueMs = untilMs ?? (waitMs === undefined ? undefined : step.askedAt + waitMs);
}

/** Branches whose result still holds when a composite is asked with other branches, items or rules. */
export function branchesKept(before: StepState, spec: StepSpec): Map<string, BranchState> | undefined {
  if (before.branches === undefined) return undefined;
  const kept = [...before.branches].filter(([key]) => {
    const now = spec.branches?.indexOf(key) ?? -1;
    return now >= 0 && itemHash(before.spec, key) === spec.items?.[now];
  });
  return kept.length === 0 ? undefined : new Map(kept);
}

export function itemHash(spec: StepSpec, key: string): string | undefined {
  return spec.items?.[spec.branches?.indexOf(key) ?? -1];
}

export function foldRenamed(state: RunState, was: string, id: string): void {
  const step = state.steps.get(was);
  if (step === undefined) return;
  state.steps.delete(was);
  step.bornAs ??= was;
  step.id = id;
  state.steps.set(id, step);
  (state.renamed ??= new Map()).set(was, id);
  state.renamed.delete(id);
  if (state.open.delete(was)) state.open.add(id);
  if (state.drifting?.delete(was)) state.drifting.add(id);
  for (const effect of state.effects) if (effect.step === was) effect.step = id;
  renameTimers(state, was, id);
  addInside(state, id);
  const inside = step.inside;
  step.inside = undefined;
  for (const ids of inside?.values() ?? []) for (const old of ids) foldRenamed(state, old, id + old.slice(was.length));
}

/** `kind|step|rest`: the retries that wait. */
function renameTimers(state: RunState, was: string, id: string): void {
  for (const [timer, dueMs] of state.timers) {
    const [kind, step, ...rest] = timer.split('|');
    if (step !== was) continue;
    state.timers.delete(timer);
    state.timers.set([kind, id, ...rest].join('|'), dueMs);
  }
}

/** Only composites make scopes: the step that `a/b/c` stands inside of is `a`. */
export function addInside(state: RunState, id: string): void {
  const scope = scopeOf(id);
  if (scope === '') return;
  const around = state.steps.get(scopeOf(scope));
  if (around === undefined) return;
  const inside = (around.inside ??= new Map());
  const ids = inside.get(scope);
  if (ids === undefined) inside.set(scope, [id]);
  else if (!ids.includes(id)) ids.push(id);
}

/** `retry|step|agent` has fired: this agent is asked once more, whatever else is known of it. */
export function foldRetry(state: RunState, timer: string): void {
  const [kind, id = '', ...agent] = timer.split('|');
  const step = kind === 'retry' ? stepCalled(state, id) : undefined;
  if (step !== undefined && step.settledSeq === 0) step.again = agent.join('|');
}
