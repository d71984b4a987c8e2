/** Reading a run back: its journal checked against its chain, and folded. */
import { Fault } from '../base/index.ts';
import {
  chainNext,
  chainStart,
  decodeRecord,
  foldTurn,
  newRunState,
  type RunState,
  textToState,
  type Turn,
} from '../model/index.ts';
import type { EncodedRecord } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';

/** Records read at once: bounds memory, amortises the call. */
const PAGE = 1_000;
/** A record may be a thousand turns of a loop: how many are read next goes by how long the last were. */
const FIRST_PAGE = 32;
const PAGE_CHARS = 4_000_000;

export interface Loaded {
  state: RunState;
  /** The chain's hash at the end of what was read. */
  hash: string;
  /** Events that a snapshot spared. */
  snapshotAt: number;
}

export interface LoadOptions {
  /** Fold only events before this one. */
  until?: number;
  /** Start from the snapshot, if there is one (needed = only where what came before is compacted). Default true. */
  snapshot?: boolean | 'needed';
  /** Takes the state over a turn, instead of folding it; false = read no further. */
  take?: (state: RunState, turn: Turn) => boolean;
  /** Called between pages, so that a long journal does not hold up its neighbours. */
  rest?: () => Promise<void>;
}

export async function loadRun(store: Store, run: string, options: LoadOptions = {}): Promise<Loaded> {
  let state = newRunState(run);
  let hash = chainStart(run);
  const checkpoint = await store.checkpoint(run);
  const skip = options.snapshot === false || (options.snapshot === 'needed' && checkpoint === null);
  let snapshot = skip ? null : await store.snapshot(run);
  if (snapshot !== null && snapshot.seq > (options.until ?? Infinity)) snapshot = null;
  const snapshotAt = snapshot?.seq ?? 0;
  let from = 0;
  if (snapshot !== null) {
    state = textToState(snapshot.state);
    from = snapshot.seq;
    hash = '';
  }
  if (checkpoint !== null && from <= checkpoint.seq) {
    if (snapshot === null)
      throw new Fault('journal.broken', `run ${run} is compacted and has no snapshot to start from`);
    hash = checkpoint.seq === from ? checkpoint.hash : hash;
  }
  // The record before a snapshot is read along: the chain goes on from its hash.
  let first = hash === '' ? from - 1 : from;
  for (let limit = FIRST_PAGE; ;) {
    const records = await store.read(run, { from: first, limit });
    let chars = 0;
    for (const record of records) {
      chars += record.header.length + record.payloads.length;
      if (record.seq < from) {
        hash = record.hash;
        continue;
      }
      hash = checked(run, record, from, hash);
      for (const turn of decodeRecord(record)) {
        if (options.until !== undefined && state.head + turn.events.length > options.until)
          return { state, hash, snapshotAt };
        if (options.take === undefined) foldTurn(state, turn);
        else if (!options.take(state, turn)) return { state, hash, snapshotAt };
      }
      from = record.seq + record.count;
    }
    if (records.length < limit) return { state, hash, snapshotAt };
    first = from;
    limit = Math.min(PAGE, Math.max(1, Math.floor((PAGE_CHARS * records.length) / (chars + 1))));
    await options.rest?.();
  }
}

function checked(run: string, record: EncodedRecord, expected: number, previous: string): string {
  if (record.seq !== expected) {
    throw new Fault('journal.broken', `run ${run}: after event ${expected - 1} comes event ${record.seq}`, {
      detail: { run, seq: expected },
    });
  }
  // After a snapshot the chain is taken up at the first record read; `verify` walks all of it.
  if (previous !== '' && chainNext(previous, record.header) !== record.hash) {
    throw new Fault('journal.broken', `run ${run}: the chain breaks at event ${record.seq}`, {
      detail: { run, seq: record.seq },
    });
  }
  return record.hash;
}
