/** Reading records, facts and letters. */
import { Fault } from '../../base/index.ts';
import { chainStart, type EncodedRecord } from '../../model/index.ts';
import type { Letter, ListOptions, LogPage, StreamInfo } from './port.ts';
import type { Work } from './sqlite-connection.ts';
import { ENDED } from './sqlite-schema.ts';

export interface InfoRow {
  id: number;
  stream: string;
  head: number;
  epoch: number;
  owner: number;
  last: number;
  worker: string | null;
  needs: string;
  format: number;
  meta: string;
  created: number;
  hash: string | null;
  summed: string | null;
}

interface RecordRow extends EncodedRecord {
  stream: number;
  prev: number;
  n: number;
}

export function infoOf(row: InfoRow): StreamInfo {
  return {
    stream: row.stream,
    head: row.head,
    hash: row.hash ?? (row.last === 0 ? (row.summed ?? chainStart(row.stream)) : ''),
    epoch: row.epoch,
    owner: row.worker,
    status: row.owner === ENDED ? 'ended' : 'open',
    needs: row.needs,
    format: row.format,
    meta: row.meta,
    createdMs: row.created,
  };
}

export function readInfo({ sql }: Work, stream: string): StreamInfo | null {
  const row = sql.info.get(stream) as InfoRow | undefined;
  return row === undefined ? null : infoOf(row);
}

/** Rows of the records that hold events from `from` on, in order. */
export function readRows(at: Work, stream: string, from: number, limit: number): (EncodedRecord & { row: number })[] {
  const { sql } = at;
  const info = sql.info.get(stream) as InfoRow | undefined;
  const found: (EncodedRecord & { row: number })[] = [];
  if (info === undefined) return found;
  const base = (sql.base.get(info.id) as { seq: number } | undefined)?.seq ?? 0;
  let next = Math.max(from, base);
  // From mark to mark; within each stretch backwards along `prev`.
  while (next < info.head && found.length < limit) {
    const mark = sql.markFrom.get(info.id, next) as { record: number } | undefined;
    const stretch = walkBack(at, info, mark?.record ?? info.last, next);
    if (mark === undefined && stretch[0]!.seq + stretch[0]!.count !== info.head)
      throw broken(stream, stretch[0]!.seq, 'the head is not where the last record ends');
    for (let i = stretch.length - 1; i >= 0 && found.length < limit; i--) found.push(stretch[i]!);
    next = stretch[0]!.seq + stretch[0]!.count;
  }
  return found;
}

/** From the record in this row back to the one that holds event `until`; newest first. */
function walkBack(
  { sql }: Work,
  { id, stream }: InfoRow,
  row: number,
  until: number,
): (EncodedRecord & { row: number })[] {
  const stretch: (EncodedRecord & { row: number })[] = [];
  let after: number | null = null;
  for (;;) {
    const found = sql.recordAt.get(row) as RecordRow | undefined;
    if (found === undefined || found.stream !== id) throw broken(stream, after ?? until, 'a record is missing');
    const { seq, count, epoch, header, payloads, hash } = found;
    if (count < 1 || (after === null ? seq + count <= until : seq + count !== after))
      throw broken(stream, seq, 'records do not follow one another');
    stretch.push({ seq, count, epoch, header, payloads, hash, row });
    if (seq <= until) return stretch;
    after = seq;
    row = found.prev;
  }
}

function broken(stream: string, seq: number, what: string): Fault {
  return new Fault('journal.broken', `the journal of ${stream} is broken near event ${seq}: ${what}`, {
    detail: { stream, seq, what },
  });
}

interface LogRow extends EncodedRecord {
  place: number;
  stream: string;
}

/** Ids of rows are given in the order of commits: one writer at a time, each after the newest there is. */
export function readLog({ sql }: Work, from: number, limit: number): LogPage {
  const order = String((sql.restored.get() as { value: number } | undefined)?.value ?? 0);
  const end = ((sql.lastRecord.get() as { id: number | null }).id ?? 0) + 1;
  if (from >= end) return { order, records: [], next: end };
  const rows = sql.log.all(Math.max(0, from), limit) as unknown as LogRow[];
  const records = rows.map(({ place, stream, ...record }) => ({ place, stream, record: { ...record } }));
  return { order, records, next: rows.length < limit ? end : (rows.at(-1)?.place ?? from - 1) + 1 };
}

const NEWEST = { created: Number.MAX_SAFE_INTEGER, stream: '' };

export function listStreams({ sql }: Work, { status, prefix = '', after, limit }: ListOptions): StreamInfo[] {
  const start = after === undefined ? NEWEST : (sql.info.get(after) as InfoRow | undefined);
  if (start === undefined) return [];
  const list = status === undefined ? sql.listAll : status === 'open' ? sql.listOpen : sql.listEnded;
  const rows = list.all({ created: start.created, stream: start.stream, prefix, limit }) as unknown as InfoRow[];
  return rows.map(infoOf);
}

export function lettersOf({ sql }: Work, stream: string): Letter[] {
  return (sql.lettersOf.all(stream) as unknown as Letter[]).map(({ id, dueMs, body }) => ({ id, dueMs, body }));
}
