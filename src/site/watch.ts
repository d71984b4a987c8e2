/**
 * Watching a run: its journal from any event on, as it reaches the disk. What is yielded is on disk, so a
 * reader that comes back with the seq it saw last misses nothing and sees nothing twice.
 */
import { anything, checkOptions, Fault, flag, object, type Options } from '../base/index.ts';
import { decodeRecord, type Event, type Turn } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { Follower } from './follow.ts';

/** Records read at once: what a slow reader holds in memory. */
const PAGE = 200;

export interface Watched {
  seq: number;
  /** When its input arrived, ms since 1970. */
  at: number;
  in: Turn['in'];
  event: Event;
}

export interface WatchOptions {
  /** Only events after this seq. */
  after?: number;
  signal?: AbortSignal;
  /** False: what is there now, and no waiting. Default true. */
  live?: boolean;
}

const WATCH: Options<WatchOptions> = { after: anything, signal: object, live: flag };

export async function* watchRun(
  store: Store,
  follower: Pick<Follower, 'more'>,
  run: string,
  options: WatchOptions = {},
): AsyncGenerator<Watched, void, undefined> {
  checkOptions(options, WATCH, 'watch', run);
  const { after = -1, signal, live = true } = options;
  if (!Number.isInteger(after) || after < -1)
    throw new Fault('input.invalid', `after must be the seq of an event, not ${after}`);
  let next = after + 1;
  for (;;) {
    signal?.throwIfAborted();
    // Asked before reading: what ended meanwhile is read to its end.
    const info = await store.info(run);
    if (info === null) throw new Fault('not-found', `there is no run ${run}`);
    while (next < info.head) {
      const records = await store.read(run, { from: next, limit: PAGE });
      if (records.length === 0) break;
      for (const record of records) {
        let seq = record.seq;
        for (const turn of decodeRecord(record)) {
          for (const event of turn.events) {
            if (seq >= next) {
              yield { seq, at: turn.at, in: turn.in, event };
              signal?.throwIfAborted();
            }
            seq++;
          }
        }
        next = Math.max(next, seq);
      }
    }
    if (info.status === 'ended' || !live) return;
    await follower.more(run, signal);
  }
}
