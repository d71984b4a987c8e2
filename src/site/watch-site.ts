/**
 * Watching a site: the journals of all its runs as one stream, in the order in which they reached the store, whoever
 * works on them. An event's id is its place there: a reader that comes back with the id it saw last misses nothing and
 * sees nothing twice, also over a restart of the site.
 */
import { callable, checkOptions, Fault, flag, object, type Options, text } from '../base/index.ts';
import { decodeRecord } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { Follower } from './follow.ts';
import { findKin } from './runs.ts';
import type { Watched } from './watch.ts';

/** Records read at once: what a slow reader holds in memory. */
const PAGE = 200;
/** Who has seen all waits so long before looking again: many small commits are read together. */
const GATHER_MS = 25;
/** Runs of which it is kept what they are. */
const MAX_KNOWN = 10_000;

export const FROM_START = 'start';

export interface SiteWatched extends Watched {
  /** Its place in the site's stream. */
  id: string;
  run: string;
  workflow: string;
}

export interface WatchSiteOptions {
  /** Only events after the one with this id; `start` = all that there are. Default: from now on. */
  after?: string;
  /** Only runs of this workflow. */
  workflow?: string;
  /** Only runs that this principal started. */
  by?: string;
  signal?: AbortSignal;
  /** False: what is there now, and no waiting. Default true. */
  live?: boolean;
  /** Told an id to come back with, also where nothing of what was read was wanted. */
  onPlace?: (id: string) => void;
}

/** Behind event `seq` of the record at `place`; seq -1 = before that record. */
interface Place {
  order: string;
  place: number;
  seq: number;
}

type Kin = { workflow: string; by?: string } | null;

const WATCH: Options<WatchSiteOptions> = {
  after: text,
  workflow: text,
  by: text,
  signal: object,
  live: flag,
  onPlace: callable,
};

export async function* watchSite(
  store: Store,
  follower: Pick<Follower, 'any'>,
  options: WatchSiteOptions = {},
): AsyncGenerator<SiteWatched, void, undefined> {
  checkOptions(options, WATCH, 'watch');
  const { after, workflow, by, signal, live = true, onPlace } = options;
  const known = new Map<string, Kin>();
  const start = await startOf(store, after);
  const { order } = start;
  let { place: next, seq: seen } = start;
  let stood = '';
  for (;;) {
    signal?.throwIfAborted();
    const page = await store.log({ from: next, limit: PAGE });
    if (page.order !== order) throw anotherOrder();
    for (const { place, stream, record } of page.records) {
      // Of the record where it left off, the rest.
      const skip = place === next ? seen : -1;
      const kin = await kinOf(stream);
      if (kin === null || (workflow !== undefined && kin.workflow !== workflow) || (by !== undefined && kin.by !== by))
        continue;
      let { seq } = record;
      for (const turn of decodeRecord(record)) {
        for (const event of turn.events) {
          if (seq > skip) {
            const id = textOf({ order, place, seq });
            yield { id, run: stream, workflow: kin.workflow, seq, at: turn.at, in: turn.in, event };
            signal?.throwIfAborted();
          }
          seq++;
        }
      }
    }
    if (page.next > next) seen = -1;
    next = page.next;
    const stands = textOf({ order, place: next, seq: seen });
    if (stands !== stood) onPlace?.(stands);
    stood = stands;
    if (page.records.length === PAGE) continue;
    if (!live) return;
    await follower.any(GATHER_MS, signal);
  }

  async function kinOf(stream: string): Promise<Kin> {
    let kin = known.get(stream);
    if (kin !== undefined) return kin;
    kin = (await findKin(store, stream)) ?? null;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(stream, kin);
    return kin;
  }
}

/** The id to begin behind, where the caller came from or from now on; throws when it leads nowhere. */
export async function standingOf(store: Store, after: string | undefined): Promise<string> {
  return textOf(await startOf(store, after));
}

async function startOf(store: Store, after: string | undefined): Promise<Place> {
  const { order, next } = await store.log({ from: Infinity, limit: 1 });
  if (after === undefined) return { order, place: next, seq: -1 };
  if (after === FROM_START) return { order, place: 0, seq: -1 };
  const place = placeOf(after);
  if (place.order !== order || place.place > next) throw anotherOrder();
  return place;
}

const ID = /^(\d{1,15})-(\d{1,15})(?:\.(\d{1,15}))?$/;

function placeOf(id: string): Place {
  const [, order, place, seq] = ID.exec(id) ?? [];
  if (order === undefined || place === undefined)
    throw new Fault('input.invalid', `after must be the id of an event or '${FROM_START}', not '${id.slice(0, 60)}'`);
  return { order, place: Number(place), seq: seq === undefined ? -1 : Number(seq) };
}

function textOf({ order, place, seq }: Place): string {
  return seq < 0 ? `${order}-${place}` : `${order}-${place}.${seq}`;
}

function anotherOrder(): Fault {
  return new Fault('conflict', 'this id is of another store, or of before this one was restored from a backup', {
    detail: { next: 'Read from now on, or from the start; what a run came to is in its own journal.' },
  });
}
