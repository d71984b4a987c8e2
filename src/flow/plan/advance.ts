/**
 * Plan, for workflows as data: what can be asked next in a scope.
 *
 * D1  After a step settled only those that come after it are looked at: a plan of many steps is linear.
 * D2  A step is asked once all that its join needs is there, and skipped once that can never be.
 * D3  A scope is over when all of its steps are settled; it failed when a step failed and nothing took it up.
 * D4  What is gone from a changed plan brings nothing about: the scope may be over only after what stands was looked at.
 */
import { toFault, faultToData } from '../../base/index.ts';
import {
  type Deciding,
  emit,
  leftStanding,
  type PlanStep,
  type RunState,
  stepHash,
  type StepState,
} from '../../model/index.ts';
import { askFor } from './ask.ts';
import { edgesOf, followers } from './body.ts';
import { scopeOver } from './over.ts';
import { prune } from './prune.ts';
import { recheck } from './recheck.ts';
import { findScope, idIn, nameOf, type Scope } from './scope.ts';
import { usable } from './values.ts';
import { isRace, isTolerant, type Verdict, verdictOn } from './verdict.ts';

/** Looks at what comes after `settled` (an id), or at the whole scope. */
export function advance(d: Deciding, path: string, settled?: string): void {
  const { state } = d;
  if (state.phase !== 'running' || state.cancelling !== undefined) return;
  const scope = findScope(state, path);
  if (scope === undefined) return;
  const { body, owner } = scope;
  // D4
  if (settled !== undefined && owner?.way === undefined && !body.byName.has(nameOf(settled))) return;
  // Nothing of a way begins before what it contradicts is undone; who leaves the way before says when.
  if (owner?.way !== undefined && leftStanding(state, owner).length > 0) return;
  if (owner?.way !== undefined && isDoomed(state, scope)) {
    // Nothing more of it is begun; what is out comes back first.
    if (body.steps.every((def) => isDone(state.steps.get(idIn(scope, def.name))))) scopeOver(d, scope);
    return;
  }
  const look: PlanStep[] = [...(settled === undefined ? body.steps : followers(body, nameOf(settled)))];
  for (let i = 0; i < look.length; i++)
    for (const skipped of consider(d, scope, look[i]!)) look.push(...followers(body, skipped));
  if (isOver(state, scope)) scopeOver(d, scope);
}

/** A declared way in which a step has failed, and no step of it takes that up. */
function isDoomed(state: RunState, { path, body }: Scope): boolean {
  return body.steps.some((def) => {
    if (state.steps.get(idIn({ path }, def.name))?.out !== 'failed') return false;
    return !followers(body, def.name).some(
      (next) => isTolerant(next) || edgesOf(next).some((e) => e.when !== undefined),
    );
  });
}

function isDone(step: StepState | undefined): boolean {
  return step === undefined || step.settledSeq !== 0;
}

function isOver(state: RunState, { path, body, owner }: Scope): boolean {
  if (!state.replanned && owner?.way === undefined) return (state.settledIn.get(path) ?? 0) >= body.steps.length;
  return body.steps.every((def) => usable(state.steps.get(idIn({ path }, def.name))) !== undefined);
}

/** Asks or skips a step if it is time; returns the names of those that were skipped. */
function consider(d: Deciding, scope: Scope, def: PlanStep): readonly string[] {
  const { state } = d;
  const step = state.steps.get(idIn(scope, def.name));
  if (step !== undefined && (!state.replanned || !recheck(d, scope, def, step))) return [];
  let verdict: Verdict;
  try {
    verdict = verdictOn(state, scope, def);
  } catch (thrown) {
    askInVain(d, scope, def, thrown);
    return [];
  }
  if (verdict.may === 'wait') return [];
  if (verdict.may === 'skip') {
    emit(d, { type: 'step.skipped', step: idIn(scope, def.name), cause: verdict.cause, kind: def.kind });
    return [def.name];
  }
  try {
    const ask = askFor(state, scope, def, verdict.joined);
    emit(d, { type: 'step.asked', ...ask });
  } catch (thrown) {
    askInVain(d, scope, def, thrown);
    return [];
  }
  const id = idIn(scope, def.name);
  if (isTolerant(def)) emit(d, { type: 'join.frozen', step: id, inputs: [...verdict.joined.inputs] });
  d.todo.push({ to: 'begin', step: id });
  return isRace(def) ? prune(d, scope, verdict.joined) : [];
}

/** The step's own words cannot be filled in: it is asked and fails, so that the journal says why. */
function askInVain(d: Deciding, scope: Scope, def: PlanStep, thrown: unknown): void {
  const id = idIn(scope, def.name);
  const fault = faultToData(toFault(thrown, 'plan.invalid'));
  emit(d, { type: 'step.asked', step: id, kind: def.kind, hash: stepHash(undefined), spec: def.spec });
  const detail = { ...fault.detail, step: id };
  d.todo.push({ to: 'settle', step: id, out: 'failed', fault: { ...fault, detail } });
}
