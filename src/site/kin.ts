/**
 * Kin: whether a run is one that another has begun. Its id does not tell: anybody may have given his own run the id
 * that a child or a next run would have. Its seed does: it is made of the seed of the run that began it, and of its id.
 */
import { Fault, hashText } from '../base/index.ts';
import { foldTurn, type RunState } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { loadRun } from './load.ts';

/** The seed of a run that this one begins. */
export function seedOf({ seed }: RunState, run: string): string {
  return hashText(`${seed}/${run}`).slice(0, 16);
}

/** A fork that takes the place of its run has that one's seed. */
export async function isOurs(store: Store, of: RunState, run: string): Promise<boolean> {
  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(first, turn) {
      foldTurn(first, turn);
      return false;
    },
  });
  // It was about to be made here, and the store failed.
  if (state.phase === 'new') throw new Fault('store.io', `run ${run} is not there yet`, { retry: 'same' });
  return state.seed === seedOf(of, run) || (of.forking !== undefined && isForkOf(state, of));
}

function isForkOf({ forkOf, parent, seed }: RunState, of: RunState): boolean {
  return forkOf?.run === of.run && parent?.run === of.parent?.run && seed === of.seed;
}
