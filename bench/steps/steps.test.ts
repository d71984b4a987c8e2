import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { bare } from './bare.ts';
import { engineFrom, type Runner } from './engine.ts';
import { journal40, openJournal40 } from './journal40.ts';
import { median } from './measure.ts';
import { count, table, times } from './table.ts';
import { GRAPH, idealMs, noop, runByLevels, SEQUENTIAL, stepCount, stepIds } from './workloads.ts';

let dir = '';
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'bench-steps-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the workloads are as wide and deep as they say', () => {
  deepEqual([stepCount(SEQUENTIAL), idealMs(SEQUENTIAL)], [10, 500]);
  deepEqual([stepCount(GRAPH), idealMs(GRAPH)], [12, 250]);
});

test("the journal gives back a run's rows in order, and reports a lost commit", async () => {
  const journal = openJournal40(join(dir, 'rows.sqlite'), 'FULL');
  await Promise.all([
    journal.append('a', 1, 'second'),
    journal.append('b', 0, 'other'),
    journal.append('a', 0, 'first'),
  ]);
  deepEqual(journal.read('a'), ['first', 'second']);
  await rejects(Promise.all([journal.append('c', 0, 'x'), journal.append('a', 0, 'again')]), /UNIQUE/);
  deepEqual(journal.read('c'), []);
  journal.close();
});

test('journal40 keeps every step of every run', async () => {
  const runner = journal40({ dir, synchronous: 'NORMAL' });
  const start = await runner.prepare(GRAPH, noop);
  equal(await start('run-1'), GRAPH.levels.length);
  await runner.close(); // throws when rows are missing
});

const cheat = (prepare: Runner['prepare']): Runner => ({ ...bare(), name: 'cheat', prepare });

test('an engine that answers wrongly or skips steps is caught', async () => {
  const wrong = engineFrom(cheat(() => async () => 3));
  await rejects(wrong.one(1), /answered 3/);
  const lazy = engineFrom(cheat((workload) => async () => workload.levels.length));
  await rejects(lazy.hundred(1), /did only 0 steps/);
  const half = cheat((workload, work) => async () => {
    const ids = stepIds(workload).map((level) => level.slice(0, 1)); // never fans out
    return runByLevels(ids, async (_id, input) => work(input));
  });
  await rejects(engineFrom(half).graph(1), /steps/);
});

test('medians and figures read as they should', () => {
  deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
  deepEqual([812, 5_310, 171_000, 2_400_000, 999_900].map(count), ['812', '5.31k', '171k', '2.40M', '1.00M']);
  deepEqual([count(undefined), times(1.53), times(0.02)], ['-', '1.5x', '0.02x']);
  match(
    table(
      [
        { title: 'a', width: 3 },
        { title: 'b', width: 3, right: true },
      ],
      [['x', '1']],
    ),
    /^a {6}b\n--- {2}---\nx {6}1$/,
  );
});
