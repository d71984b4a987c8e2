/** Erasing, compacting and marking a PostgreSQL store as restored. */
import { Fault } from '../../base/index.ts';
import type { EncodedRecord } from '../../model/index.ts';
import { withoutPayloads } from './erase.ts';
import type { Line, Sql } from './postgres-line.ts';
import type { Checkpoint, Store } from './port.ts';

export type Upkeep = Pick<Store, 'erase' | 'compact' | 'markRestored'>;

/** Within one transaction that holds the stream's row, so that no append is under way meanwhile. */
async function holding<T>(sql: Sql, schema: string, stream: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  return (await sql.begin(async (inside) => {
    const found = await inside.unsafe(`select from ${schema}.streams where stream = $1 for update`, [stream]);
    if (found.length === 0) throw new Fault('not-found', `there is no stream ${stream}`);
    return await work(inside as unknown as Sql);
  })) as T;
}

export function createUpkeep(line: Line, schema: string): Upkeep {
  return {
    erase: (stream, seqs) =>
      line.use('erase', (sql) =>
        holding(sql, schema, stream, async (inside) => {
          const wanted = new Set(seqs);
          const rows = await inside.unsafe<(Pick<EncodedRecord, 'header' | 'payloads'> & { seq: string })[]>(
            `select distinct on (r.seq) r.seq, r.header, r.payloads from ${schema}.records r, unnest($2::bigint[]) as w (seq)
             where r.stream = $1 and r.seq <= w.seq and r.seq + r.count > w.seq`,
            [stream, `{${seqs.map((seq) => Math.floor(seq)).join(',')}}`],
          );
          let erased = 0;
          for (const row of rows) {
            const less = withoutPayloads({ ...row, seq: Number(row.seq), count: 0, epoch: 0, hash: '' }, wanted);
            if (less === null) continue;
            await inside.unsafe(`update ${schema}.records set payloads = $3 where stream = $1 and seq = $2::bigint`, [
              stream,
              row.seq,
              less.payloads,
            ]);
            erased += less.erased;
          }
          return erased;
        }),
      ),
    compact: (stream, checkpoint) =>
      line.use('compact', (sql) =>
        holding(sql, schema, stream, (inside) => compact(inside, schema, stream, checkpoint)),
      ),
    markRestored: () =>
      line.use('mark as restored', async (sql) => {
        const rows = await sql.unsafe<{ stream: string }[]>(
          `update ${schema}.streams set epoch = epoch + 1, owner = null where status = 'open' returning stream`,
        );
        return rows.map((row) => row.stream);
      }),
  };
}

async function compact(sql: Sql, schema: string, stream: string, checkpoint: Checkpoint): Promise<void> {
  const [before] = await sql.unsafe<{ seq: string }[]>(`select seq from ${schema}.checkpoints where stream = $1`, [
    stream,
  ]);
  if (checkpoint.seq <= Number(before?.seq ?? 0))
    throw new Fault('conflict', `${stream} is compacted up to event ${before?.seq ?? 0} already`);
  const [last] = await sql.unsafe<{ end: string; hash: string }[]>(
    `select seq + count as end, hash from ${schema}.records where stream = $1 and seq < $2::bigint order by seq desc limit 1`,
    [stream, checkpoint.seq],
  );
  if (last === undefined || Number(last.end) !== checkpoint.seq || last.hash !== checkpoint.hash) {
    throw new Fault(
      'conflict',
      `no record of ${stream} ends before event ${checkpoint.seq} with the hash of the checkpoint`,
    );
  }
  await sql.unsafe(`delete from ${schema}.records where stream = $1 and seq < $2::bigint`, [stream, checkpoint.seq]);
  await sql.unsafe(
    `insert into ${schema}.checkpoints (stream, seq, hash, text) values ($1, $2::bigint, $3, $4)
     on conflict (stream) do update set seq = excluded.seq, hash = excluded.hash, text = excluded.text`,
    [stream, checkpoint.seq, checkpoint.hash, checkpoint.text],
  );
}
