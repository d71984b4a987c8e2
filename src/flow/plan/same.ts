/** Whether what is asked is what the journal holds, and what would be lost by working it anew. */
import { canonicalJson, escapeKey, type FaultData, isOfStep, isWithin } from '../../base/index.ts';
import {
  type AttemptState,
  branchesKept,
  faultData,
  type RunState,
  type StepAsk,
  type StepKind,
  type StepSpec,
  type StepState,
} from '../../model/index.ts';

export function isSame(step: StepState, ask: StepAsk): boolean {
  if (step.kind === ask.kind && step.hash === ask.hash) return true;
  return step.keptHash === ask.hash && (step.keptKind ?? step.kind) === ask.kind;
}

/** What the code now says about an open step, where that is something else. */
export function changedSpec(step: StepState, ask: StepAsk): StepSpec | undefined {
  const spec = ask.spec ?? {};
  return canonicalJson(step.spec) === canonicalJson(spec) ? undefined : spec;
}

export function isComposite(kind: StepKind): boolean {
  return kind === 'loop' || isBranching(kind);
}

export function isBranching(kind: StepKind): boolean {
  return kind === 'map' || kind === 'join';
}

/** Something of this step, or of what stands inside it, may have changed the world (and is not undone). */
export function hasActed(d: { state: RunState }, step: StepState): boolean {
  const { state } = d;
  if (mayHaveActed(step)) return true;
  if (state.effects.some((e) => e.state !== 'undone' && isOfStep(e.step, step.id))) return true;
  for (const ids of step.inside?.values() ?? [])
    for (const id of ids) {
      const inner = state.steps.get(id);
      if (inner !== undefined && hasActed(d, inner)) return true;
    }
  return false;
}

function mayHaveActed(step: StepState): boolean {
  if (step.kind === 'workflow') return step.child !== undefined;
  return step.attempts?.some((a) => a.effect !== 'pure' && !isKnownNot(a)) ?? false;
}

function isKnownNot(attempt: AttemptState): boolean {
  return attempt.status === 'failed';
}

/**
 * Why a step cannot be worked anew yet: a call of it is out that may have done what can be undone. Forgotten now, that
 * would be in no book, and an abort would leave it. What has no undo is the person's own word.
 */
export function redoDoubt(state: RunState, id: string): FaultData | undefined {
  const step = state.steps.get(id);
  if (step === undefined) return undefined;
  const out = step.attempts?.find((a) => a.undoes === true && (a.status === 'open' || a.status === 'unknown'));
  if (out !== undefined) {
    const what = `call ${out.n} of step '${step.id}' at '${out.agent}'`;
    const message = `whether ${what} happened is not known yet: say redo again when it is, or keep or fork now`;
    return faultData('conflict', message, 'never', { step: step.id, n: out.n, agent: out.agent });
  }
  for (const ids of step.inside?.values() ?? [])
    for (const inner of ids) {
      const doubt = redoDoubt(state, inner);
      if (doubt !== undefined) return doubt;
    }
  return undefined;
}

/** Asked with these branches or items, results are dropped whose branches have had effects. */
export function losesActs(state: RunState, step: StepState, ask: StepAsk): boolean {
  if (step.branches === undefined) return false;
  const spec = ask.spec ?? {};
  const kept = branchesKept(step, spec);
  for (const key of step.branches.keys()) {
    if (kept?.has(key) || spec.branches?.includes(key) !== true) continue;
    const scope = `${step.id}/${escapeKey(key)}`;
    if (state.effects.some((e) => e.state !== 'undone' && isWithin(e.step, scope))) return true;
  }
  return false;
}
