/** What a take-over, an edit of the code and a renaming make of steps that are there already. */
import { idAfter, isOfStep, scopeOf } from '../base/index.ts';
import type { EventOf, StepAsked } from './events.ts';
import { comparesWays } from './lately.ts';
import type { BranchState, RunState, StepState } from './state.ts';
import { presentId } from './state-facts.ts';
import type { StepKind, StepSpec } from './words.ts';

/** Kinds that do something when they begin: after a take-over they wait until the code asks for them again. */
const BEGINNING: ReadonlySet<StepKind> = new Set<StepKind>(['ask', 'effect', 'plan', 'workflow', 'signal']);

export function foldClaimed(state: RunState, event: EventOf<'run.claimed'>): void {
  state.worker = event.worker;
  state.epoch = event.epoch;
  if (comparesWays(state)) state.takenMs = state.at;
  // The first is the one that made it; set aside, nothing could come of it.
  if (event.epoch > 1 && state.quarantine === undefined) state.claims = (state.claims ?? 0) + 1;
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
  const had = itemHashes(before.spec);
  const has = itemHashes(spec);
  const kept = [...before.branches].filter(([key]) => has.has(key) && had.get(key) === has.get(key));
  return kept.length === 0 ? undefined : new Map(kept);
}

function itemHashes(spec: StepSpec): Map<string, string | undefined> {
  return new Map(spec.branches?.map((key, i) => [key, spec.items?.[i]]));
}

/** Asked again while open, with other branches: those whose result still holds are counted anew. */
export function keepBranches(step: StepState, before: StepState): void {
  const kept = branchesKept(before, step.spec);
  step.branches = kept;
  for (const [key, branch] of kept ?? []) {
    if (branch.out === 'ok') step.branchesOk = (step.branchesOk ?? 0) + 1;
    else step.branchFailed ??= key;
  }
}

/** What a step goes by beside its id. */
export function namesBeside(state: RunState, { step, was, former }: StepAsked): Pick<StepState, 'bornAs' | 'former'> {
  return { bornAs: birthName(state, step), former: former ?? was };
}

/**
 * Asked under a name that another step was born with, or inside of one: with that as its own, a sink would take its call
 * for the other's. `a~b` is the `a` that came after one that is `b` now.
 */
function birthName(state: RunState, id: string): string | undefined {
  if (state.renamed.size === 0) return undefined;
  for (let part = id; part !== ''; part = scopeOf(part)) {
    const other = state.renamed.get(part);
    if (other !== undefined && state.steps.has(presentId(state, other)))
      return `${part}~${other}${id.slice(part.length)}`;
  }
  return undefined;
}

/**
 * What happened at a renamed step and what waits for it: effects, retries and undos (`kind|step|rest`), what was wanted of
 * the parent. Also of steps inside of it that are forgotten: their effects are not.
 */
export function renameWaiting(state: RunState, was: string, id: string): void {
  for (const effect of state.effects) effect.step = idAfter(effect.step, was, id);
  for (const want of state.budget.wants.values()) if (want.step !== undefined) want.step = idAfter(want.step, was, id);
  for (const [timer, dueMs] of state.timers) {
    const [kind, step = '', ...rest] = timer.split('|');
    if (!isOfStep(step, was)) continue;
    state.timers.delete(timer);
    state.timers.set([kind, idAfter(step, was, id), ...rest].join('|'), dueMs);
  }
}
