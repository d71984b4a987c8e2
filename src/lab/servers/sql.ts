/** Statements to a PostgreSQL server past any store, on a connection of their own. */
import { createLine, loadLibrary } from '../../ports/store/postgres-line.ts';

export async function runSql<T = Record<string, unknown>>(url: string, text: string): Promise<T[]> {
  const line = createLine(await loadLibrary(), { url, connectTimeoutMs: 5000, limitMs: 30_000 });
  try {
    return await line.run('statement', async (sql) => [...(await sql.unsafe(text))] as T[]);
  } finally {
    await line.close();
  }
}
