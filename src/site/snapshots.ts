/**
 * Snapshots: a resume folds at most about SNAPSHOT_EVENTS beyond one. They are made from the journal,
 * not from the live state, which has let go of results that the code holds already.
 */
import { stateToText } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { Host } from './host.ts';
import { loadRun } from './load.ts';

export const SNAPSHOT_EVENTS = 20_000;
/** States of more steps are as long to read as their journal. */
const SNAPSHOT_STEPS = 2_000;

export function wantsSnapshot(host: Host): boolean {
  return host.encoded - host.snapshotAt >= SNAPSHOT_EVENTS && host.state.steps.size <= SNAPSHOT_STEPS;
}

/** Leaves the snapshot with the host; it goes with the next append. */
export async function makeSnapshot(store: Store, host: Host, rest: () => Promise<void>): Promise<void> {
  host.snapshotAt = host.encoded;
  const { state } = await loadRun(store, host.run, { rest });
  if (!host.gone) host.snapshot = { seq: state.head, state: stateToText(state) };
}
