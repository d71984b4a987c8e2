/**
 * The order of all records in a PostgreSQL store. Each is numbered when it is inserted, but transactions end in
 * another order than they draw numbers in: a number is told only when none below it can come any more.
 *
 * G1  What has drawn a number up to `last_value` had its transaction id before (it had changed its stream's row), so
 *     an id that we draw after reading `last_value` is higher. (A snapshot's xmax is not: ids beyond it may be at work.)
 * G2  When no transaction with a lower id than ours is under way, all of those have ended: what is not there now never
 *     comes. Then numbers up to that `last_value` are proven.
 * G3  A long transaction of anybody on the server holds this up; it never makes it wrong.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../base/index.ts';
import type { LogOptions, LogPage } from './port.ts';
import type { Line, Sql } from './postgres-line.ts';

/** Transactions of ours end in milliseconds. */
const ASK_AGAIN_MS = 10;
const BEGIN_MS = 5_000;

const UNKNOWN = -1n;

interface Mark {
  last: bigint;
  id: bigint;
}

interface LogRow {
  n: string;
  stream: string;
  seq: string;
  count: number;
  epoch: string;
  header: string;
  payloads: string;
  hash: string;
}

export function createLog(line: Line, schema: string): (options: LogOptions) => Promise<LogPage> {
  let proven = UNKNOWN;
  let asked: Mark | undefined;

  async function prove(sql: Sql): Promise<void> {
    // Before the first number is drawn, the sequence names it as its last.
    const [now] = await sql.unsafe<{ last: string }[]>(
      `select last_value - (not is_called)::int as last from ${schema}.records_n_seq`,
    );
    const last = BigInt(now!.last);
    if (last <= proven) return;
    if (asked === undefined) {
      const [mine] = await sql.unsafe<{ id: string }[]>('select pg_current_xact_id()::text as id');
      asked ??= { last, id: BigInt(mine!.id) };
    }
    const before = asked;
    const [snapshot] = await sql.unsafe<{ xmin: string }[]>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
    );
    if (BigInt(snapshot!.xmin) < before.id) return;
    if (before.last > proven) proven = before.last;
    if (asked === before) asked = undefined;
  }

  /** Before anything is proven nobody can say where the log ends. */
  async function begin(): Promise<void> {
    const untilMs = performance.now() + BEGIN_MS;
    while (proven === UNKNOWN) {
      await line.run('log', prove);
      if (proven !== UNKNOWN) return;
      if (performance.now() > untilMs)
        throw new Fault('store.busy', `a transaction on the server has been under way for more than ${BEGIN_MS} ms`, {
          afterMs: BEGIN_MS,
        });
      await sleep(ASK_AGAIN_MS);
    }
  }

  return async ({ from, limit }) => {
    await begin();
    return line.run('log', async (sql) => {
      await prove(sql);
      const upTo = proven;
      const [about] = await sql.unsafe<{ value: string }[]>(
        `select value from ${schema}.about where name = 'restored'`,
      );
      const order = about?.value ?? '0';
      const end = Number(upTo) + 1;
      if (from >= end) return { order, records: [], next: end };
      const rows = await sql.unsafe<LogRow[]>(
        `select n, stream, seq, count, epoch, header, payloads, hash from ${schema}.records
         where n >= $1::bigint and n <= $2::bigint order by n limit $3::int`,
        [Math.max(0, from), upTo.toString(), limit],
        { prepare: true },
      );
      const records = rows.map(({ n, stream, seq, count, epoch, header, payloads, hash }) => ({
        place: Number(n),
        stream,
        record: { seq: Number(seq), count, epoch: Number(epoch), header, payloads, hash },
      }));
      return { order, records, next: rows.length < limit ? end : Number(rows.at(-1)?.n ?? from - 1) + 1 };
    });
  };
}
