/** What a memory store holds, and the one way an append changes it. */
import { chainStart, type EncodedRecord } from '../../model/index.ts';
import type { Before } from './memory-power.ts';
import { createLetterQueue, type LetterQueue, type Waiting } from './memory-letters.ts';
import type { Append, AppendResult, Checkpoint, Sent, Snapshot, StreamInfo } from './port.ts';

export interface Stream extends Omit<StreamInfo, 'owner'> {
  owner: Place | null;
  records: EncodedRecord[];
  letters: Map<string, Waiting>;
  snapshot: Snapshot | null;
  checkpoint: Checkpoint | null;
}

/** A record in the order of all appends. */
export interface Logged {
  stream: Stream;
  seq: number;
}

/** A membership as the store sees it. `lapsed`: it lives, but its lease has run out. */
export interface Place {
  worker: string;
  sinceMs: number;
  state: 'alive' | 'lapsed' | 'dead';
  streams: Set<Stream>;
  queue: LetterQueue;
  watchers: Set<() => void>;
}

export interface MemoryState {
  streams: Map<string, Stream>;
  /** In the order of joining. Dead ones stay while they hold streams. */
  places: Set<Place>;
  /** Letters of open streams that nobody owns. */
  unowned: LetterQueue;
  /** Every record that was appended, in order; of those that were compacted only the place is left. */
  log: Logged[];
  /** How often this store was restored from a backup. */
  restored: number;
  append(place: Place, append: Append): AppendResult;
  send(letter: Sent): void;
  give(stream: Stream, owner: Place | null): void;
  clone(): MemoryState;
  /** Of a stream that is there or not yet. */
  lettersOf(stream: string): Iterable<Waiting>;
  before(stream: string): Before;
  putBack(before: Before): void;
}

const NO_LETTERS: ReadonlyMap<string, Waiting> = new Map();
const WON: AppendResult = Object.freeze({ ok: true });

/** `arrived`: letters that came before, in the store that this one copies; order must stay unique. */
export function createMemoryState(arrived = 0): MemoryState {
  const streams = new Map<string, Stream>();
  /** Letters to streams that are not there yet. */
  const early = new Map<string, Map<string, Waiting>>();
  const places = new Set<Place>();
  const unowned = createLetterQueue();
  const log: Logged[] = [];
  let arrivals = arrived;

  function queueOf(stream: Stream): LetterQueue | null {
    if (stream.status === 'ended') return null;
    return stream.owner === null ? unowned : stream.owner.queue;
  }

  function give(stream: Stream, owner: Place | null): void {
    if (stream.owner === owner) return;
    move(stream, () => {
      stream.owner?.streams.delete(stream);
      owner?.streams.add(stream);
      stream.owner = owner;
    });
  }

  /** Changes what decides a stream's queue, and takes its letters along. */
  function move(stream: Stream, change: () => void): void {
    const from = queueOf(stream);
    change();
    const to = queueOf(stream);
    if (from === to) return;
    for (const letter of stream.letters.values()) {
      from?.remove(letter);
      to?.add(letter);
    }
  }

  function send({ to, id, dueMs, body }: Sent): void {
    const stream = streams.get(to);
    let letters = stream?.letters ?? early.get(to);
    if (letters === undefined) early.set(to, (letters = new Map()));
    if (letters.has(id)) return;
    const letter: Waiting = { stream: to, id, dueMs, body, order: arrivals++ };
    letters.set(id, letter);
    if (stream !== undefined) queueOf(stream)?.add(letter);
  }

  function create(place: Place, append: Append): Stream {
    const { stream: id, epoch } = append;
    const { needs, format, meta, createdMs } = append.create!;
    const letters = early.get(id) ?? new Map<string, Waiting>();
    early.delete(id);
    const stream: Stream = {
      stream: id,
      head: 0,
      hash: chainStart(id),
      epoch,
      owner: place,
      status: 'open',
      needs,
      format,
      meta,
      createdMs,
      records: [],
      letters,
      snapshot: null,
      checkpoint: null,
    };
    streams.set(id, stream);
    place.streams.add(stream);
    for (const letter of letters.values()) place.queue.add(letter);
    return stream;
  }

  function append(place: Place, append: Append): AppendResult {
    let stream = streams.get(append.stream);
    if (append.create !== undefined) {
      if (stream !== undefined) return { ok: false, why: 'exists', head: stream.head, epoch: stream.epoch };
      stream = create(place, append);
    } else if (stream === undefined) {
      return { ok: false, why: 'missing', head: 0, epoch: 0 };
    } else if (stream.epoch !== append.epoch) {
      return { ok: false, why: 'epoch', head: stream.head, epoch: stream.epoch };
    } else if (stream.head !== append.expectedHead) {
      return { ok: false, why: 'head', head: stream.head, epoch: stream.epoch };
    }
    const { record, take, send: sent, status, snapshot } = append;
    if (record !== undefined) {
      stream.records.push(record);
      log.push({ stream, seq: record.seq });
      stream.head += record.count;
      stream.hash = record.hash;
    }
    if (snapshot !== undefined) stream.snapshot = snapshot;
    if (take !== undefined) {
      for (const id of take) {
        const letter = stream.letters.get(id);
        if (letter === undefined) continue;
        stream.letters.delete(id);
        queueOf(stream)?.remove(letter);
      }
    }
    if (sent !== undefined) for (const letter of sent) send(letter);
    if (status !== undefined && status !== stream.status) {
      const changed = stream;
      move(changed, () => (changed.status = status));
    }
    if (append.release === true || status === 'ended') give(stream, null);
    return WON;
  }

  function clone(): MemoryState {
    const copy = createMemoryState(arrivals);
    copy.restored = self.restored;
    for (const stream of streams.values()) {
      const letters = new Map<string, Waiting>();
      for (const letter of stream.letters.values()) letters.set(letter.id, { ...letter });
      // Nobody at the copy owns anything: a dead place stands for whoever did at the original.
      const twin: Stream = { ...stream, owner: null, records: stream.records.map((r) => ({ ...r })), letters };
      copy.streams.set(twin.stream, twin);
      if (twin.status === 'open') for (const letter of letters.values()) copy.unowned.add(letter);
      if (stream.owner !== null) copy.give(twin, deadPlace(copy, stream.owner));
    }
    for (const { stream, seq } of log) copy.log.push({ stream: copy.streams.get(stream.stream)!, seq });
    for (const letters of early.values()) {
      for (const { stream: to, id, dueMs, body } of letters.values()) copy.send({ to, id, dueMs, body });
    }
    return copy;
  }

  function lettersOf(id: string): Iterable<Waiting> {
    return (streams.get(id)?.letters ?? early.get(id) ?? new Map<string, Waiting>()).values();
  }

  function before(id: string): Before {
    const stream = streams.get(id);
    const there = stream?.letters ?? early.get(id) ?? NO_LETTERS;
    const letters = there.size === 0 ? NO_LETTERS : new Map(there);
    const logged = log.length;
    if (stream === undefined) return { stream: id, facts: null, records: 0, letters, logged };
    const { records, letters: _, ...facts } = stream;
    return { stream: id, facts, records: records.length, letters, logged };
  }

  function putBack({ stream: id, facts, records, letters, logged }: Before): void {
    log.length = logged;
    const now = streams.get(id);
    if (now !== undefined) {
      for (const letter of now.letters.values()) queueOf(now)?.remove(letter);
      now.owner?.streams.delete(now);
    }
    early.delete(id);
    if (facts === null || now === undefined) {
      streams.delete(id);
      if (letters.size > 0) early.set(id, new Map(letters));
      return;
    }
    Object.assign(now, facts, { letters: new Map(letters) });
    now.records.length = records;
    now.owner?.streams.add(now);
    for (const letter of letters.values()) queueOf(now)?.add(letter);
  }

  const self: MemoryState = {
    streams,
    places,
    unowned,
    log,
    restored: 0,
    append,
    send,
    give,
    clone,
    lettersOf,
    before,
    putBack,
  };
  return self;
}

export function createPlace(worker: string, sinceMs: number): Place {
  return { worker, sinceMs, state: 'alive', streams: new Set(), queue: createLetterQueue(), watchers: new Set() };
}

export function infoOf(s: Stream): StreamInfo {
  return {
    stream: s.stream,
    head: s.head,
    hash: s.hash,
    epoch: s.epoch,
    owner: s.owner?.worker ?? null,
    status: s.status,
    needs: s.needs,
    format: s.format,
    meta: s.meta,
    createdMs: s.createdMs,
  };
}

/** Tells every other membership that there may be something for it. */
export function wake(state: MemoryState, by: Place | null): void {
  for (const place of state.places) {
    if (place === by || place.state === 'dead') continue;
    for (const watcher of place.watchers) void Promise.resolve().then(watcher);
  }
}

function deadPlace(state: MemoryState, like: Place): Place {
  for (const place of state.places) if (place.worker === like.worker && place.sinceMs === like.sinceMs) return place;
  const place = createPlace(like.worker, like.sinceMs);
  place.state = 'dead';
  state.places.add(place);
  return place;
}
