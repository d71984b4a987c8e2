/**
 * Plan: the plan was changed while it ran. What stands is compared with what would be asked now.
 *
 * C1  A settled result stays. With another input it has drifted: keep, redo, or a person decides.
 * C2  What failed and is asked otherwise now is asked anew; what was skipped and may run now runs.
 * C3  An open step that is asked otherwise starts anew, unless an effect of it may have happened: drift.
 * C4  Where a person decides on drift and the plan changes once more, that is about what is asked now, or about nothing.
 */
import { canonicalJson, type Json } from '../../base/index.ts';
import {
  type Deciding,
  emit,
  faultData,
  type PlanStep,
  presentId,
  type RunState,
  type StepAsk,
  type StepSpec,
  type StepState,
} from '../../model/index.ts';
import { askFor } from './ask.ts';
import { drift, keep } from './asked.ts';
import { edgesOf, followers } from './body.ts';
import { withdrawDrift } from './drift.ts';
import { isNeeded } from './prune.ts';
import { hasActed } from './same.ts';
import { branchScope, idIn, nameOf, type Scope } from './scope.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** True when the step was taken away, and is to be asked or skipped as if for the first time. */
export function recheck(d: Deciding, scope: Scope, def: PlanStep, step: StepState): boolean {
  if (step.out === 'cancelled') return false;
  const verdict = tryVerdict(d.state, scope, def);
  if (step.out === 'skipped') return mayRunNow(d, scope, def, step, verdict);
  const ask = askNow(d.state, scope, def, step, verdict);
  if (ask === undefined) return false;
  const sameInput = step.kind === ask.kind && (step.hash === ask.hash || step.keptHash === ask.hash);
  if (step.driftHash !== undefined) return recheckDrifted(d, scope, step, ask, sameInput);
  if (step.settledSeq === 0) return recheckOpen(d, scope, step, ask, sameInput);
  if (sameInput) return false;
  if (step.out === 'failed') return takeAway(d, step);
  drift(d, step, ask, 'the plan has changed, and gives it another input than it was settled with');
  return false;
}

function tryVerdict(state: RunState, scope: Scope, def: PlanStep): Verdict | undefined {
  try {
    return verdictOn(state, scope, def);
  } catch {
    return undefined;
  }
}

/** What would be asked now; undefined while that cannot be said. */
function askNow(
  state: RunState,
  scope: Scope,
  def: PlanStep,
  step: StepState,
  verdict: Verdict | undefined,
): StepAsk | undefined {
  const edges = edgesOf(def).map((edge) => edge.step);
  const joined =
    step.frozen !== undefined && step.kind !== 'map'
      ? { edges, inputs: namesNow(state, scope, step.frozen) }
      : verdict?.may === 'run'
        ? verdict.joined
        : undefined;
  if (joined === undefined) return undefined;
  try {
    return askFor(state, scope, def, joined);
  } catch {
    return undefined;
  }
}

/** What a step came after, as it is called by now. A map's own join is frozen by the keys of its branches: they stay. */
function namesNow(state: RunState, scope: Scope, names: readonly string[]): string[] {
  return names.map((name) => nameOf(presentId(state, idIn(scope, name))));
}

function mayRunNow(d: Deciding, scope: Scope, def: PlanStep, step: StepState, verdict: Verdict | undefined): boolean {
  if (verdict !== undefined && verdict.may === 'skip') return false;
  // It lost a race that is over.
  if (followers(scope.body, def.name).length > 0 && !isNeeded(d, scope, def.name, new Set())) return false;
  return takeAway(d, step);
}

function takeAway(d: Deciding, step: StepState): true {
  emit(d, { type: 'step.redone', step: step.id, why: 'input' });
  return true;
}

/** C4. */
function recheckDrifted(d: Deciding, scope: Scope, step: StepState, ask: StepAsk, sameInput: boolean): false {
  if (sameInput) {
    withdrawDrift(d, step);
    keep(d, step);
    d.todo.push({ to: 'advance', scope: scope.path });
  } else if (step.driftHash !== ask.hash || step.drifted?.kind !== ask.kind)
    drift(d, step, ask, 'the plan has changed once more, and gives it yet another input');
  return false;
}

function recheckOpen(d: Deciding, scope: Scope, step: StepState, ask: StepAsk, sameInput: boolean): false {
  if (sameInput && !isOtherWork(step, ask)) return false;
  if (hasActed(d, step)) {
    if (!sameInput) drift(d, step, ask, 'an effect of it may already have happened with the former input');
    return false;
  }
  if (step.kind === ask.kind && mayGoOn(step, ask)) {
    const frozen = step.frozen && namesNow(d.state, scope, step.frozen);
    emit(d, { type: 'step.asked', ...ask });
    if (frozen !== undefined) emit(d, { type: 'join.frozen', step: step.id, inputs: frozen });
    d.todo.push({ to: 'inside', step: step.id });
    return false;
  }
  const fault = faultData('step.cancelled', 'the plan has changed: it is asked otherwise now');
  d.todo.push({ to: 'settle', step: step.id, out: 'cancelled', fault });
  d.todo.push({ to: 'replanned', redo: [step.id] });
  return false;
}

/** Who is to do it has changed, or nobody has begun and anything about it has. */
function isOtherWork(step: StepState, ask: StepAsk): boolean {
  if (step.kind === 'map' || step.kind === 'loop') return false;
  const spec = ask.spec ?? {};
  if (canonicalJson(workOf(step.spec)) !== canonicalJson(workOf(spec))) return true;
  return step.attempts === undefined && step.child === undefined && canonicalJson(step.spec) !== canonicalJson(spec);
}

function workOf({ skill, agent, code, workflow, version, signal, right, gate }: StepSpec): Json {
  return { skill, agent, code, workflow, version, signal, right, gate } as Json;
}

/** A map whose begun items stay as they are, and a loop that has turned, go on with what they have. */
function mayGoOn(step: StepState, ask: StepAsk): boolean {
  if (step.kind === 'loop') return (step.turn ?? 0) > 0;
  if (step.kind !== 'map') return false;
  const now = new Map((ask.spec?.branches ?? []).map((key, i) => [key, (ask.data as Json[])[i]]));
  return (step.spec.branches ?? []).every((key, i) => {
    if (!isBegun(step, key)) return true;
    return now.has(key) && canonicalJson(now.get(key)) === canonicalJson((step.input as Json[])[i]);
  });
}

function isBegun(step: StepState, key: string): boolean {
  return step.branches?.has(key) === true || step.inside?.has(branchScope(step, key)) === true;
}
