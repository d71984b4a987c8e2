/** When everything is quiet: what was done is undone where it must be, and nowhere else. */
import { type EffectDone, firstOf } from '../../model/index.ts';
import type { FinalChecking } from './check-final.ts';
import { formerName } from './flows/index.ts';
import type { RunView } from './views.ts';

/**
 * After an abort, here or of a run above, nothing that can be undone is left; without one only what was wanted by nobody
 * was undone.
 */
export function checkDeeds(c: FinalChecking, view: RunView): void {
  if (view.state.phase !== 'ended') return;
  const aborted = isAborted(c, view);
  for (const deed of c.truth.deeds.values()) {
    if (deed.run !== view.run || deed.effect !== 'reversible') continue;
    // Done, or undone already, in a time that the journal knows nothing of.
    if (deed.forgotten) continue;
    const own = view.state.effects.filter((e) => formerName(e.step) === deed.step);
    const above = booksAbove(c, view).filter((e) => formerName(e.of!.step) === deed.step);
    const book = [...own, ...above];
    const standing = deed.done - deed.undone - deed.stale;
    if (aborted && standing > 0 && !book.some((e) => e.state === 'stuck'))
      c.findings.add('undo.whole', view.run, `${deed.step} is left (${deed.done} done, ${deed.undone} undone)`);
    // Without one, what lands for a cancelled step or stands in the way of another way is undone, and nothing else.
    const unwanted = book.filter((e) => e.unwanted === true);
    const left = [...view.left].some((id) => formerName(id) === deed.step);
    const takenBack = above.some((e) => e.state === 'undone');
    if (!aborted && deed.undone > 0 && unwanted.length === 0 && !left && !takenBack)
      c.findings.add('undo.whole', view.run, `${deed.step} was undone without an abort`);
    if (!aborted && unwanted.some((e) => e.undoes && e.state === 'done'))
      c.findings.add('undo.whole', view.run, `${deed.step} landed for a cancelled step and is left`);
  }
}

/** It came to nothing, or the run whose step it was did. What a forsaken child did is wanted by nobody, and no abort. */
function isAborted(c: FinalChecking, { run, state }: RunView): boolean {
  if (state.outcome === 'failed' || state.outcome === 'cancelled') return true;
  const above = state.parent && c.observer.views.get(state.parent.run);
  return above?.state.phase === 'ended' && !above.forsaken.has(firstOf(run)) && isAborted(c, above);
}

/** Of what a run did, what the runs above have in their books. */
function booksAbove(c: FinalChecking, { run, state }: RunView): EffectDone[] {
  const found: EffectDone[] = [];
  for (let up = state.parent?.run; up !== undefined;) {
    const above = c.observer.views.get(up)?.state;
    found.push(...(above?.effects.filter((e) => e.of?.run === run) ?? []));
    up = above?.parent?.run;
  }
  return found;
}
