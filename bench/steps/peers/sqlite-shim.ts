/**
 * As much of better-sqlite3's `Database` as LangGraph's saver calls, over node:sqlite, so that
 * nothing has to be compiled. Kept as better-sqlite3 ships it: synchronous=NORMAL under WAL, a
 * 16 MB cache. Statements are prepared once, which better-sqlite3's own callers do not get.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

const bound = (values: unknown[]): SQLInputValue[] =>
  values.map((value) => (value === undefined ? null : value) as SQLInputValue);

export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, object>();

  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000');
  }

  pragma(statement: string): void {
    this.#db.exec(`PRAGMA ${statement}`);
  }

  exec(statements: string): void {
    this.#db.exec(statements);
  }

  prepare(sql: string): object {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement: StatementSync = this.#db.prepare(sql);
    const made = {
      get: (...values: unknown[]) => statement.get(...bound(values)),
      all: (...values: unknown[]) => statement.all(...bound(values)),
      run: (...values: unknown[]) => statement.run(...bound(values)),
    };
    this.#statements.set(sql, made);
    return made;
  }

  transaction<Args extends unknown[]>(body: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      this.#db.exec('BEGIN');
      try {
        body(...args);
        this.#db.exec('COMMIT');
      } catch (error) {
        this.#db.exec('ROLLBACK');
        throw error;
      }
    };
  }

  close(): void {
    this.#db.close();
  }
}
