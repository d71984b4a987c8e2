/** Declared ways: which one a step goes on by, and which it has left. */
import { isWithin, scopeOf } from '../base/index.ts';
import type { EventOf } from './events.ts';
import { foldResumed } from './fold-resumed.ts';
import { takeAway } from './fold-inside.ts';
import type { EffectDone, RunState, StepState } from './state.ts';

export function foldWay(state: RunState, event: EventOf<'way.taken'>): void {
  const step = state.steps.get(event.step);
  if (step === undefined) return;
  const { way: left } = step;
  if (event.why === 'failed') {
    if (left !== undefined && left >= 0) step.tried = [...(step.tried ?? []), left];
    step.failingSince ??= state.at;
  }
  step.way = event.way;
  step.graft = step.spec.alternatives?.[event.way]?.body;
  step.leaving = event.undo;
  step.at = event.way < 0 ? 'asked' : 'working';
  state.hasWays = true;
}

/** Ways are to the goal itself: no lesser one is worked for in them. */
export function leaveWay(state: RunState, step: StepState): void {
  if (step.way === undefined || step.way < 0) return;
  step.way = -1;
  step.graft = undefined;
  step.failingSince ??= state.at;
}

/** What has no place in the way that was taken and still stands: until it is undone nothing of that way begins. */
export function leftStanding({ effects }: RunState, { leaving }: StepState): EffectDone[] {
  if (leaving === undefined) return [];
  const stands = ({ state }: EffectDone): boolean => state !== 'undone' && state !== 'carried';
  return leaving.flatMap((id) => effects.findLast((done) => done.step === id && stands(done)) ?? []);
}

/** No way led to the goal: what its ways did for it is wanted by nobody, and undone however the run ends. */
export function foldForlorn(state: RunState, step: StepState): void {
  for (const done of state.effects) {
    if (done.state !== 'done' || !isWithin(done.step, step.id)) continue;
    if (!isToStay(state, done)) done.unwanted = true;
  }
}

/** Its step says that it stays, whichever way is taken. */
export function isToStay({ steps }: RunState, { step, of }: EffectDone): boolean {
  return steps.get(of === undefined ? step : scopeOf(step))?.spec.stays === true;
}

/** A person has mended what was wrong: everything that had failed may be tried again, and what was skipped for it. */
export function foldTriedAgain(state: RunState, step: StepState): void {
  step.at = 'asked';
  step.attempts = step.attempts?.filter((a) => a.status !== 'failed');
  step.tried = undefined;
  step.way = undefined;
  step.graft = undefined;
  for (const ids of step.inside?.values() ?? [])
    for (const id of ids) {
      const inner = state.steps.get(id);
      if (inner?.out === 'failed' || inner?.out === 'skipped') takeAway(state, inner);
    }
}

/** With it everything that its way had open goes on. */
export function foldResumedStep(state: RunState, event: EventOf<'step.resumed'>): void {
  const step = state.steps.get(event.step);
  if (step === undefined) return;
  foldResumed(step, event);
  if (step.graft === undefined) return;
  for (const id of state.open) if (isWithin(id, step.id)) state.steps.get(id)!.asleep = undefined;
}
