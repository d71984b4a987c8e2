/**
 * Plan: a race is over, and what only the losers were for stops.
 *
 * P1  A step is still needed when one that has not been asked yet comes after it (but for its failure),
 *     or when the output of its scope reads it.
 */
import { type Deciding, emit, faultData } from '../../model/index.ts';
import { edgesOf, followers } from './body.ts';
import { idIn, type Scope } from './scope.ts';
import type { Joined } from './values.ts';

/** Cancels what is open of the losers and of what led only to them, skips the rest; returns the skipped. */
export function prune(d: Deciding, scope: Scope, { edges, inputs }: Joined): string[] {
  const { state } = d;
  const going = new Set<string>();
  const skipped: string[] = [];
  const look = edges.filter((name) => !inputs.includes(name));
  for (let i = 0; i < look.length; i++) {
    const name = look[i]!;
    const id = idIn(scope, name);
    const step = state.steps.get(id);
    if (going.has(name) || (step !== undefined && step.settledSeq !== 0)) continue;
    if (isNeeded(d, scope, name, going)) continue;
    going.add(name);
    const def = scope.body.byName.get(name);
    if (def === undefined) continue;
    if (step === undefined) {
      emit(d, { type: 'step.skipped', step: id, cause: 'a join went on without it', kind: def.kind });
      skipped.push(name);
    } else {
      const fault = faultData('step.cancelled', 'a join went on without it');
      d.todo.push({ to: 'settle', step: id, out: 'cancelled', fault });
    }
    for (const edge of edgesOf(def)) look.push(edge.step);
  }
  return skipped;
}

export function isNeeded(d: Deciding, scope: Scope, name: string, going: ReadonlySet<string>): boolean {
  if (scope.body.wanted.has(name)) return true;
  const after = followers(scope.body, name);
  if (after.length === 0) return true;
  return after.some((next) => {
    if (going.has(next.name) || d.state.steps.has(idIn(scope, next.name))) return false;
    return edgesOf(next).some((edge) => edge.step === name && edge.when !== 'failure');
  });
}
