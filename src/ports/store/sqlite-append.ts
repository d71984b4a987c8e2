/**
 * The hot path: one group of appends inside a transaction. An append that only adds a record is two
 * statements, the head's conditional update (S2) and the record's insert. One that makes a stream is three, also
 * when the stream ends with it, as short runs do: its head is written once, as the append leaves it.
 */
import type { EncodedRecord } from '../../model/index.ts';
import type { Append, AppendResult, NewStream, Sent } from './port.ts';
import type { Work } from './sqlite-connection.ts';
import { ENDED, NOBODY } from './sqlite-schema.ts';

/** What is remembered of a stream between appends. Wrong memory costs a look-up, never a wrong append. */
interface Place {
  id: number;
  /** Row of the last record, 0 = none. */
  last: number;
  /** How many records there were. */
  n: number;
}

interface PlaceRow {
  id: number;
  head: number;
  epoch: number;
  owner: number;
  last: number;
  n: number | null;
}

export interface Appender {
  /** Works the group as the worker with this row id; results in its order. */
  group(at: Work, worker: number, appends: readonly Append[]): AppendResult[];
  send(at: Work, letters: readonly Sent[]): void;
  forget(): void;
}

/** Every so many records of a stream one leaves a mark. */
export const MARK_EVERY = 64;
const MAX_PLACES = 200_000;
const WON: AppendResult = Object.freeze({ ok: true });

export function createAppender(): Appender {
  const places = new Map<string, Place>();

  function group(at: Work, worker: number, appends: readonly Append[]): AppendResult[] {
    const { sql } = at;
    let row = ((sql.lastRecord.get() as { id: number | null }).id ?? 0) + 1;
    const results: AppendResult[] = [];
    for (const append of appends) {
      const { record, create } = append;
      let place = create === undefined ? places.get(append.stream) : make(at, worker, append, create, row);
      const made = create !== undefined && place !== undefined;
      if (!made && (record === undefined || place === undefined || !advance(at, place, append, record, row))) {
        const found = find(at, append);
        if ('ok' in found) {
          results.push(found);
          places.delete(append.stream);
          continue;
        }
        place = found;
        if (record !== undefined && !advance(at, place, append, record, row))
          throw new Error(`the head of ${append.stream} moved inside a transaction`);
      }
      if (record !== undefined) {
        write(at, place!, record, row);
        row++;
      }
      if (append.take !== undefined || append.send !== undefined || append.snapshot !== undefined)
        more(at, place!, append);
      if (!made && (append.status !== undefined || append.release === true)) leave(at, place!, append);
      results.push(WON);
    }
    return results;
  }

  /** A last record takes the owner away with it. */
  function advance(
    { sql }: Work,
    place: Place,
    { expectedHead, epoch, status }: Append,
    { count }: EncodedRecord,
    row: number,
  ): boolean {
    const update = status === 'ended' ? sql.advanceLast : sql.advance;
    return update.run(expectedHead + count, row, place.id, expectedHead, epoch, place.last).changes === 1;
  }

  function write({ sql }: Work, place: Place, record: EncodedRecord, row: number): void {
    const { n } = place;
    sql.record.run(
      row,
      place.id,
      place.last,
      n,
      record.seq,
      record.count,
      record.epoch,
      record.header,
      record.payloads,
      record.hash,
    );
    if (n % MARK_EVERY === MARK_EVERY - 1) sql.mark.run(place.id, record.seq, row);
    place.last = row;
    place.n = n + 1;
  }

  /** Makes the stream as this append leaves it; undefined when it is there already. */
  function make({ sql }: Work, worker: number, append: Append, create: NewStream, row: number): Place | undefined {
    const { stream, epoch, record, status, release } = append;
    const { needs, format, meta, createdMs } = create;
    const owner = status === 'ended' ? ENDED : release === true ? NOBODY : worker;
    const fresh = sql.createStream.run(stream, needs, format, meta, createdMs);
    let id = fresh.changes === 1 ? Number(fresh.lastInsertRowid) : undefined;
    if (id === undefined) {
      // The name is known: letters came before the stream, or it is there.
      const named = sql.bearStream.get(needs, format, meta, createdMs, stream) as { id: number } | undefined;
      id = named?.id;
      if (id === undefined) return undefined;
      sql.ownLetters.run(owner, id);
    }
    sql.createHead.run(id, record?.count ?? 0, epoch, owner, record === undefined ? 0 : row);
    const place: Place = { id, last: 0, n: 0 };
    return owner === worker ? remember(stream, place) : place;
  }

  /** The slow way: looks the stream up; says why the append loses, if it does. */
  function find({ sql }: Work, append: Append): Place | Extract<AppendResult, { ok: false }> {
    const { stream } = append;
    const row = sql.place.get(stream) as PlaceRow | undefined;
    if (row === undefined) return { ok: false, why: 'missing', head: 0, epoch: 0 };
    const { head, epoch } = row;
    if (append.create !== undefined) return { ok: false, why: 'exists', head, epoch };
    if (epoch !== append.epoch) return { ok: false, why: 'epoch', head, epoch };
    if (head !== append.expectedHead) return { ok: false, why: 'head', head, epoch };
    return remember(stream, { id: row.id, last: row.last, n: row.n === null ? 0 : row.n + 1 });
  }

  function more(at: Work, place: Place, { take, send: sent, snapshot }: Append): void {
    const { sql } = at;
    if (take !== undefined) for (const id of take) sql.take.run(place.id, id);
    if (sent !== undefined) send(at, sent);
    if (snapshot !== undefined) sql.snapshot.run(place.id, snapshot.seq, snapshot.state);
  }

  /** Ends, opens or gives up a stream that was there. */
  function leave({ sql }: Work, place: Place, { stream, status, release, record }: Append): void {
    if (status === 'ended') {
      if (record !== undefined || sql.endStream.run(place.id).changes === 1) sql.ownLetters.run(ENDED, place.id);
      places.delete(stream);
      return;
    }
    const { owner } = sql.place.get(stream) as unknown as PlaceRow;
    const ended = status === undefined && owner === ENDED;
    const next = ended ? ENDED : release === true || owner === ENDED ? NOBODY : owner;
    if (next === owner) return;
    sql.own.run(next, place.id);
    sql.ownLetters.run(next, place.id);
    places.delete(stream);
  }

  function send({ sql }: Work, letters: readonly Sent[]): void {
    for (const { to, id, dueMs, body } of letters) {
      const known = places.get(to)?.id ?? (sql.streamId.get(to) as { id: number } | undefined)?.id;
      sql.send.run(known ?? sql.nameStream.run(to).lastInsertRowid, id, dueMs, body);
    }
  }

  function remember(stream: string, place: Place): Place {
    if (places.size >= MAX_PLACES) places.clear();
    places.set(stream, place);
    return place;
  }

  return { group, send, forget: () => places.clear() };
}
