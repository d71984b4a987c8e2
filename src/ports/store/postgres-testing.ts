/** For tests of the PostgreSQL store: statements past the store, on a connection of their own. */
import { loadLibrary } from './postgres-line.ts';

export async function runSql<T = Record<string, unknown>>(url: string, text: string): Promise<T[]> {
  const sql = (await loadLibrary())(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(text))] as T[];
  } finally {
    await sql.end();
  }
}
