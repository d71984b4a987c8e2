/**
 * A consistent copy of a PostgreSQL store: into another schema of its database, or into a file of
 * JSON lines that restorePostgres reads into a new schema of any database. Both are made inside one
 * snapshot of the database while work goes on. Workers are copied as such that have left.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { Fault, MAX_TIMER_MS } from '../../base/index.ts';
import { createLine, type Line, loadLibrary, type Sql, transaction } from './postgres-line.ts';
import { checkSchemaName, checkVersion, makeSchema, quoted } from './postgres-schema.ts';
import { COPIED, SCHEMA_VERSION } from './postgres-tables.ts';

const ROWS_AT_ONCE = 500;
const TO_SCHEMA = 'schema:';

export interface RestoreOptions {
  url: string;
  /** Must not be there yet. */
  schema: string;
  file: string;
  connectTimeoutMs?: number;
}

/** `target` is `schema:name`, or the path of a file. Neither may be there yet. */
export function createBackup(openLine: () => Line, from: string): (target: string) => Promise<void> {
  return async (target) => {
    const line = openLine();
    try {
      await line.run('backup', async (sql) => {
        if (target.startsWith(TO_SCHEMA)) await copySchema(sql, from, target.slice(TO_SCHEMA.length));
        else await writeFile(sql, from, target);
      });
    } finally {
      await line.close();
    }
  };
}

async function copySchema(sql: Sql, from: string, to: string): Promise<void> {
  checkSchemaName(to);
  await transaction(sql, 'isolation level repeatable read', async () => {
    await makeNew(sql, to);
    for (const table of COPIED) {
      await sql.unsafe(
        `insert into ${quoted(to)}.${table} overriding system value select * from ${quoted(from)}.${table}`,
      );
    }
    await settle(sql, to);
  });
}

async function writeFile(sql: Sql, from: string, path: string): Promise<void> {
  const part = `${path}.part`;
  const out = createWriteStream(part, { flags: 'wx', flush: true });
  let rows = 0;
  const line = async (value: unknown): Promise<void> => {
    if (!out.write(`${JSON.stringify(value)}\n`)) await new Promise<void>((resume) => out.once('drain', resume));
  };
  const ended = finished(out);
  ended.catch(() => {});
  try {
    await transaction(sql, 'isolation level repeatable read read only', async () => {
      await line({ program: 'skein', kind: 'postgres backup', version: SCHEMA_VERSION });
      for (const table of COPIED) {
        await sql.unsafe(
          `declare rows no scroll cursor for select row_to_json(t)::text as row from ${quoted(from)}.${table} t`,
        );
        for (;;) {
          const some = await sql.unsafe<{ row: string }[]>(`fetch ${ROWS_AT_ONCE} from rows`);
          if (some.length === 0) break;
          rows += some.length;
          await line({ table, rows: some.map(({ row }) => row) });
        }
        await sql.unsafe('close rows');
      }
      await line({ end: true, rows });
    });
    out.end();
    await ended;
    await link(part, path).catch((error: unknown) => {
      throw new Fault('conflict', `there is a file at ${path} already`, { cause: error });
    });
    await rm(part);
  } catch (error) {
    out.destroy();
    await rm(part, { force: true });
    throw error;
  }
}

/** Reads a file that `backup` wrote into a new schema. Then open it and call markRestored. */
export async function restorePostgres(options: RestoreOptions): Promise<void> {
  checkSchemaName(options.schema);
  const line = createLine(await loadLibrary(), {
    url: options.url,
    connectTimeoutMs: options.connectTimeoutMs ?? 5000,
    limitMs: MAX_TIMER_MS,
    settings: { statement_timeout: 0 },
  });
  try {
    await line.run('restore', (sql) =>
      transaction(sql, '', async () => {
        await makeNew(sql, options.schema);
        await readFile(sql, options);
        await settle(sql, options.schema);
      }),
    );
  } finally {
    await line.close();
  }
}

async function readFile(sql: Sql, { schema, file }: RestoreOptions): Promise<void> {
  const input = createReadStream(file);
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  let rows = 0;
  let begun = false;
  let whole = false;
  await Promise.race([failed, new Promise((ready) => input.once('open', ready))]);
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    const value = parse(text);
    if (!begun) {
      if (value['program'] !== 'skein' || value['kind'] !== 'postgres backup')
        throw new Fault('store.foreign', `${file} is no backup of a PostgreSQL store`);
      if (Number(value['version']) > SCHEMA_VERSION)
        throw new Fault(
          'store.newer',
          `${file} was written by a newer Skein (schema version ${String(value['version'])})`,
        );
      begun = true;
    } else if (value['end'] === true) {
      whole = value['rows'] === rows;
    } else {
      const table = COPIED.find((name) => name === value['table']);
      if (table === undefined) throw new Fault('store.corrupt', `${file} names a table that is not a store's`);
      const some = value['rows'] as string[];
      rows += some.length;
      const name = `${quoted(schema)}.${table}`;
      // Files that were written before records had an order are given one.
      const columns =
        table === 'records'
          ? `stream, seq, count, epoch, header, payloads, hash, coalesce(n, nextval(pg_get_serial_sequence('${name}', 'n')))`
          : '*';
      await sql.unsafe(
        `insert into ${name} overriding system value select ${columns} from json_populate_recordset(null::${name}, $1::text::json)`,
        [`[${some.join(',')}]`],
        { prepare: true },
      );
    }
  }
  if (!whole) throw new Fault('store.corrupt', `${file} is cut off: its end is missing`);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new Fault('store.corrupt', 'the backup has a line that is not JSON', { cause: error });
  }
}

async function makeNew(sql: Sql, name: string): Promise<void> {
  if (await checkVersion(sql, name)) throw new Fault('conflict', `there is a store in the schema ${name} already`);
  await makeSchema(sql, name);
}

/** Nobody of the original is at work at the copy; new records, letters and members come after the copied ones. */
async function settle(sql: Sql, name: string): Promise<void> {
  const s = quoted(name);
  await sql.unsafe(`update ${s}.members set has_left = true, server_start = null`);
  await sql.unsafe(
    `select setval(pg_get_serial_sequence('${s}.members', 'member'), (select coalesce(max(member), 0) + 1 from ${s}.members))`,
  );
  await sql.unsafe(
    `select setval(pg_get_serial_sequence('${s}.records', 'n'), (select coalesce(max(n), 0) + 1 from ${s}.records))`,
  );
  await sql.unsafe(
    `select setval(pg_get_serial_sequence('${s}.letters', 'arrival'), (select coalesce(max(arrival), 0) + 1 from ${s}.letters))`,
  );
}
