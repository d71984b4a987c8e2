/** Erasing, compacting and marking a PostgreSQL store as restored. */
import { Fault } from '../../base/index.ts';
import type { EncodedRecord } from '../../model/index.ts';
import { withoutPayloads } from './erase.ts';
import { type Line, type Sql, transaction } from './postgres-line.ts';
import type { Checkpoint, Store } from './port.ts';

export type Upkeep = Pick<Store, 'erase' | 'compact' | 'markRestored'>;

/** Within one transaction that holds the stream's row, so that no append is under way meanwhile. */
async function holding<T>(sql: Sql, schema: string, stream: string, work: () => Promise<T>): Promise<T> {
  return await transaction(sql, '', async () => {
    const found = await sql.unsafe(`select from ${schema}.streams where stream = $1 for update`, [stream]);
    if (found.length === 0) throw new Fault('not-found', `there is no stream ${stream}`);
    return await work();
  });
}

export function createUpkeep(line: Line, openLine: () => Line, schema: string): Upkeep {
  /** A transaction needs a line for itself. */
  async function alone<T>(doing: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const own = openLine();
    try {
      return await own.run(doing, work);
    } finally {
      await own.close();
    }
  }

  return {
    erase: (stream, seqs) =>
      alone('erase', (sql) =>
        holding(sql, schema, stream, async () => {
          const wanted = new Set(seqs);
          const rows = await sql.unsafe<(Pick<EncodedRecord, 'header' | 'payloads'> & { seq: string })[]>(
            `select distinct on (r.seq) r.seq, r.header, r.payloads from ${schema}.records r, unnest($2::bigint[]) as w (seq)
             where r.stream = $1 and r.seq <= w.seq and r.seq + r.count > w.seq`,
            [stream, `{${seqs.map((seq) => Math.floor(seq)).join(',')}}`],
          );
          let erased = 0;
          for (const row of rows) {
            const less = withoutPayloads({ ...row, seq: Number(row.seq), count: 0, epoch: 0, hash: '' }, wanted);
            if (less === null) continue;
            await sql.unsafe(`update ${schema}.records set payloads = $3 where stream = $1 and seq = $2::bigint`, [
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
      alone('compact', (sql) => holding(sql, schema, stream, () => compact(sql, schema, stream, checkpoint))),
    markRestored: (nowMs) =>
      line.run('mark as restored', async (sql) => {
        await sql.unsafe(
          `insert into ${schema}.about values ('restored', $1) on conflict (name) do update set value = excluded.value`,
          [String(nowMs)],
        );
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
