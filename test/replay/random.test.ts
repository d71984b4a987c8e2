/** Runs drawn by chance: each comes to an end, however its workers die, and is replayed equal. */
import { expect, test } from 'vitest';
import { loadRun } from '../../src/site/load.ts';
import { replay } from '../../src/site/replay.ts';
import { openLab } from '../workloads/index.ts';
import { randomWorkload } from '../workloads/random.ts';

const SEEDS = 120;
const AT_ONCE = 12;

test(`${SEEDS} runs drawn by chance`, async () => {
  for (let first = 1; first <= SEEDS; first += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, i) => first + i);
    await Promise.all(
      seeds.map(async (seed) => {
        const lab = openLab();
        const runs = await randomWorkload(seed)
          .run(lab)
          .catch(async (thrown: unknown) => {
            const [info] = await lab.store.list({ limit: 1 });
            const { state } = await loadRun(lab.store, info!.stream, { snapshot: false });
            throw new Error(`seed ${seed}: ${state.phase}, open: ${[...state.open].join(', ')}`, { cause: thrown });
          });
        for (const run of runs) {
          const said = await replay(lab.store, run);
          if (!said.equal) throw new Error(`seed ${seed}: ${JSON.stringify(said)}`);
          expect(said.events).toBeGreaterThan(2);
        }
        await lab.close();
      }),
    );
  }
}, 120_000);
