/** Reading from a PostgreSQL store. */
import type { EncodedRecord } from '../../model/index.ts';
import type { Line, Sql } from './postgres-line.ts';
import type { Letter, ListOptions, ReadOptions, Store, StreamInfo } from './port.ts';

/** bigint columns come as texts. */
interface InfoRow {
  stream: string;
  head: string;
  hash: string;
  epoch: string;
  worker: string | null;
  status: StreamInfo['status'];
  needs: string;
  format: number;
  meta: string;
  created_ms: string;
}

export type ClaimedRow = { [name in keyof InfoRow as `o_${name}`]: InfoRow[name] };

export function claimedInfo(row: ClaimedRow, worker: string): StreamInfo {
  return {
    stream: row.o_stream,
    head: Number(row.o_head),
    hash: row.o_hash,
    epoch: Number(row.o_epoch),
    owner: worker,
    status: row.o_status,
    needs: row.o_needs,
    format: row.o_format,
    meta: row.o_meta,
    createdMs: Number(row.o_created_ms),
  };
}

function infoOf(row: InfoRow): StreamInfo {
  return {
    stream: row.stream,
    head: Number(row.head),
    hash: row.hash,
    epoch: Number(row.epoch),
    owner: row.worker,
    status: row.status,
    needs: row.needs,
    format: row.format,
    meta: row.meta,
    createdMs: Number(row.created_ms),
  };
}

export type Reading = Pick<Store, 'read' | 'info' | 'list' | 'letters' | 'snapshot' | 'checkpoint' | 'workers'>;

export function createReading(line: Line, schema: string): Reading {
  const PREPARE = { prepare: true };
  const infos = `select s.*, m.worker from ${schema}.streams s left join ${schema}.members m on m.member = s.owner`;

  async function one<T>(doing: string, text: string, stream: string): Promise<T | undefined> {
    const rows = await line.run(doing, (sql: Sql) => sql.unsafe<T[]>(text, [stream], PREPARE));
    return rows[0];
  }

  return {
    async read(stream: string, { from = 0, limit }: ReadOptions = {}): Promise<EncodedRecord[]> {
      const rows = await line.run('read', (sql) =>
        sql.unsafe<{ seq: string; count: number; epoch: string; header: string; payloads: string; hash: string }[]>(
          `select seq, count, epoch, header, payloads, hash from ${schema}.records
           where stream = $1 and seq + count > $2::bigint
             and seq >= coalesce((select max(seq) from ${schema}.records where stream = $1 and seq <= $2::bigint), 0)
           order by seq limit $3::bigint`,
          [stream, from, limit === undefined || limit === Infinity ? null : limit],
          PREPARE,
        ),
      );
      return rows.map((row) => ({
        seq: Number(row.seq),
        count: row.count,
        epoch: Number(row.epoch),
        header: row.header,
        payloads: row.payloads,
        hash: row.hash,
      }));
    },
    async info(stream) {
      const row = await one<InfoRow>('info', `${infos} where s.stream = $1`, stream);
      return row === undefined ? null : infoOf(row);
    },
    async list({ status, prefix = '', after, limit }: ListOptions) {
      const where = [
        'starts_with(s.stream, $1)',
        `($2::text is null or (s.created_ms, s.stream) < (select created_ms, stream from ${schema}.streams where stream = $2))`,
      ];
      if (status !== undefined) where.push(`s.status = '${status === 'open' ? 'open' : 'ended'}'`);
      const rows = await line.run('list', (sql) =>
        sql.unsafe<InfoRow[]>(
          `${infos} where ${where.join(' and ')} order by s.created_ms desc, s.stream desc limit $3::int`,
          [prefix, after ?? null, limit],
          PREPARE,
        ),
      );
      return rows.map(infoOf);
    },
    async letters(stream): Promise<Letter[]> {
      const rows = await line.run('letters', (sql) =>
        sql.unsafe<{ id: string; due_ms: string; body: string }[]>(
          `select l.id, l.due_ms, l.body from ${schema}.letters l join ${schema}.streams using (stream) where stream = $1 order by due_ms, arrival`,
          [stream],
          PREPARE,
        ),
      );
      return rows.map(({ id, due_ms, body }) => ({ id, dueMs: Number(due_ms), body }));
    },
    async snapshot(stream) {
      const row = await one<{ seq: string; state: string }>(
        'snapshot',
        `select seq, state from ${schema}.snapshots where stream = $1`,
        stream,
      );
      return row === undefined ? null : { seq: Number(row.seq), state: row.state };
    },
    async checkpoint(stream) {
      const row = await one<{ seq: string; hash: string; text: string }>(
        'checkpoint',
        `select seq, hash, text from ${schema}.checkpoints where stream = $1`,
        stream,
      );
      return row === undefined ? null : { seq: Number(row.seq), hash: row.hash, text: row.text };
    },
    async workers() {
      const rows = await line.run('workers', (sql) =>
        sql.unsafe<{ worker: string; alive: boolean; since_ms: string }[]>(
          `select worker, member = any (array(select ${schema}.living_1())) as alive, floor(extract(epoch from since) * 1000)::bigint as since_ms
           from ${schema}.members m where not has_left order by member`,
          [],
          PREPARE,
        ),
      );
      return rows.map(({ worker, alive, since_ms }) => ({ worker, alive, sinceMs: Number(since_ms) }));
    },
  };
}
