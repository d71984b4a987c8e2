/** A process that works 1,000 runs of sleeping steps, from the start or from where they are. */
import { openSite, workflow } from '../../src/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';

const RUNS = 1_000;
const STEPS = 10_000;
const moved = new Set<string>();

const sleeper = workflow<unknown, number>('sleeper', async (run) => {
  let value = 0;
  for (let i = 0; i < STEPS; i++) {
    value = await run.code(
      'nap',
      value,
      (x) => {
        if (moved.size === 0) process.stdout.write('first\n');
        moved.add(run.id);
        if (moved.size === RUNS) process.stdout.write('all\n');
        return new Promise<number>((resolve) => setTimeout(resolve, 50, x + 1));
      },
      { key: i },
    );
  }
  return value;
});

const store = createSqliteStore({ path: process.argv[2]! });
const site = await openSite({ store, workflows: [sleeper] });
if ((await store.list({ limit: 1 })).length === 0) {
  await Promise.all(Array.from({ length: RUNS }, (_, i) => site.start(sleeper, undefined, { id: `r${i}` })));
}
