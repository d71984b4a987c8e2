/** What of a way was done, and is not any more. */
import { hasDone, type PlanBody, type RunState } from '../../../model/index.ts';
import { bodyOf, followers, idIn } from '../../plan/index.ts';

const NONE: ReadonlySet<string> = new Set();

/**
 * Names of settled steps of this way that are to be worked once more: what they did was undone for another way, or they
 * come after such a step. Who comes after it and has done something that stands is left alone: it would be done twice.
 */
export function undoneIn(state: RunState, scope: string, body: PlanBody): ReadonlySet<string> {
  if (state.undone === undefined) return NONE;
  const stepOf = (name: string) => state.steps.get(idIn({ path: scope }, name));
  const anew = new Set(body.steps.flatMap(({ name }) => (stepOf(name)?.undone === true ? [name] : [])));
  for (const name of anew)
    for (const next of followers(bodyOf(body), name)) {
      const step = stepOf(next.name);
      if ((step?.out === 'ok' || step?.out === 'skipped') && !hasDone(state, step)) anew.add(next.name);
    }
  return anew;
}
