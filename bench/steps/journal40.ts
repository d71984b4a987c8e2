/**
 * The floor: a journal of forty lines over node:sqlite. A step is done when its row is committed;
 * rows of all runs that arrive in one turn of the event loop share one commit. It keeps no
 * ownership, no chain, no intents, no timers, and nothing carries a run on from it.
 */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { Runner } from './engine.ts';
import { runByLevels, stepCount, stepIds } from './workloads.ts';

export interface Journal {
  append(run: string, seq: number, json: string): Promise<void>;
  read(run: string): string[];
  close(): void;
}

export function openJournal40(path: string, synchronous: 'FULL' | 'NORMAL'): Journal {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
  db.exec('CREATE TABLE IF NOT EXISTS journal (run TEXT, seq INTEGER, json TEXT)');
  db.exec('CREATE UNIQUE INDEX IF NOT EXISTS by_run ON journal (run, seq)');
  const insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?)');
  const select = db.prepare('SELECT json FROM journal WHERE run = ? ORDER BY seq');
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  let rows: [run: string, seq: number, json: string][] = [];
  let group: PromiseWithResolvers<void> | undefined;

  function flush(): void {
    const [due, waiting] = [rows, group!];
    rows = [];
    group = undefined;
    try {
      begin.run();
      for (const row of due) insert.run(row[0], row[1], row[2]);
      commit.run();
      waiting.resolve();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      waiting.reject(error);
    }
  }

  return {
    append(run, seq, json) {
      rows.push([run, seq, json]);
      if (!group) {
        group = Promise.withResolvers();
        setImmediate(flush);
      }
      return group.promise;
    },
    read: (run) => select.all(run).map((row) => row['json'] as string),
    close: () => db.close(),
  };
}

export interface Journal40Options {
  dir: string;
  synchronous: 'FULL' | 'NORMAL';
  /** Pads each row to this many bytes: an engine's event with its header has some 351. */
  rowBytes?: number;
}

export function journal40({ dir, synchronous, rowBytes = 0 }: Journal40Options): Runner {
  const journal = openJournal40(join(dir, 'journal40.sqlite'), synchronous);
  const pad = 'x'.repeat(Math.max(0, rowBytes - 40));
  let last: { run: string; steps: number } | undefined;
  return {
    name: `journal40 ${synchronous}${rowBytes ? `, ${rowBytes} B rows` : ''}`,
    kept: synchronous === 'FULL' ? 'synced each step' : 'written, synced later',
    prepare(workload, work) {
      const ids = stepIds(workload);
      return async (run) => {
        let seq = 0;
        const answer = await runByLevels(ids, async (step, input) => {
          const answer = await work(input);
          await journal.append(run, seq++, JSON.stringify(pad ? { step, answer, pad } : { step, answer }));
          return answer;
        });
        last = { run, steps: stepCount(workload) };
        return answer;
      };
    },
    close() {
      const found = last ? journal.read(last.run).length : 0;
      journal.close();
      if (found !== (last?.steps ?? 0)) throw new Error(`journal40 kept ${found} rows of a run`);
    },
  };
}
