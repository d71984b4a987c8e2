/** Opening a schema: making it when it is not there, refusing a stranger's or a newer one. */
import { Fault } from '../../base/index.ts';
import { functions } from './postgres-functions.ts';
import { type Sql, transaction } from './postgres-line.ts';
import { logOrder, SCHEMA_VERSION, tables } from './postgres-tables.ts';

/** The only names taken without thought: they need no care in URLs, shells and `search_path`. */
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

export function checkSchemaName(name: string): void {
  if (!NAME.test(name) || name.startsWith('pg_')) {
    throw new Fault(
      'input.invalid',
      `'${name.slice(0, 80)}' is no name for a store's schema: use a-z, 0-9 and _, at most 63, not beginning with pg_`,
    );
  }
}

export function quoted(name: string): string {
  return `"${name}"`;
}

/** One of many that open the store at once makes it; the others wait and find it made. */
export async function openSchema(sql: Sql, name: string): Promise<void> {
  const [server] = await sql.unsafe<{ encoding: string }[]>(`select current_setting('server_encoding') as encoding`);
  if (server!.encoding !== 'UTF8')
    throw new Fault('input.invalid', `the database is encoded in ${server!.encoding}; a store needs UTF8`);
  if ((await checkVersion(sql, name)) && (await hasOrder(sql, name))) return;
  await transaction(sql, '', async () => {
    await sql.unsafe(`select pg_advisory_xact_lock(hashtext('skein schema'), hashtext($1))`, [name]);
    if (!(await checkVersion(sql, name))) return makeSchema(sql, name);
    // Older programs write to it as before: what they append is numbered by the table itself.
    if (!(await hasOrder(sql, name))) await sql.unsafe(logOrder(quoted(name)));
  });
}

async function hasOrder(sql: Sql, name: string): Promise<boolean> {
  const found = await sql.unsafe(
    `select from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace s on s.oid = c.relnamespace
     where s.nspname = $1 and c.relname = 'records' and a.attname = 'n' and not a.attisdropped`,
    [name],
  );
  return found.length > 0;
}

/** A schema that an administrator made beforehand, still empty, is taken as it is. */
export async function makeSchema(sql: Sql, name: string): Promise<void> {
  const s = quoted(name);
  const [there] = await sql.unsafe(`select from pg_namespace where nspname = $1`, [name]);
  if (there === undefined) await sql.unsafe(`create schema ${s}`);
  await sql.unsafe(tables(s) + functions(s));
}

/** Whether the store is there; throws when something else is. */
export async function checkVersion(sql: Sql, name: string): Promise<boolean> {
  const found = await sql.unsafe<{ relname: string }[]>(
    `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = $1 and relkind in ('r', 'p', 'v', 'm', 'f') limit 100`,
    [name],
  );
  if (found.length === 0) return false;
  const foreign = new Fault('store.foreign', `the schema ${name} holds tables of another program`, {
    detail: { schema: name, tables: found.slice(0, 5).map((row) => row.relname) },
  });
  if (!found.some((row) => row.relname === 'about')) throw foreign;
  const rows = await sql
    .unsafe<{ name: string; value: string }[]>(`select name::text, value::text from ${quoted(name)}.about`)
    .catch((error: unknown) => {
      if ((error as { code?: string }).code === '42703') throw foreign;
      throw error;
    });
  const about = new Map(rows.map((row) => [row.name, row.value]));
  if (about.get('program') !== 'skein') throw foreign;
  const version = Number(about.get('version'));
  if (version > SCHEMA_VERSION) {
    throw new Fault(
      'store.newer',
      `the store's schema has version ${version}, this program knows up to ${SCHEMA_VERSION}`,
      { detail: { schema: name, version } },
    );
  }
  return true;
}
