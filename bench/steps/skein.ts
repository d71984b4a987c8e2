/** Our own engine, as this bench sees it. */
import { join } from 'node:path';
import { openSite, type Site, workflow } from '../../src/index.ts';
import { createMemoryStore } from '../../src/ports/store/memory.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { engineFrom, type Kept, type StepsEngine } from './engine.ts';
import { loopFigures } from './skein-loop.ts';
import { bytesPerParkedRun } from './skein-park.ts';
import { resumeFigures } from './skein-resume.ts';
import { runByLevels, stepIds } from './workloads.ts';

/**
 * - `durable`: journal on disk, a barrier at the end of a run (steps are pure);
 * - `durableBarrier`: the same with a barrier at every step: compare it with journal40 FULL;
 * - `memory`: the memory store.
 */
export type OwnKind = 'durable' | 'durableBarrier' | 'memory';

export interface OwnSteps {
  /** Files go under `dir`, which is deleted afterwards. `engineFrom(runner)` is a short way. */
  engine(kind: OwnKind, dir: string): Promise<StepsEngine>;
  /** Heap bytes a run parked at a wait, with so many of them parked. `globalThis.gc` is there. */
  bytesPerRun(runs: number, dir: string, how?: { evicted?: boolean }): Promise<number>;
  /** After kill -9 with 1,000 runs in flight: first new step, and all runs going, from spawn. */
  resume(dir: string): Promise<{ firstMs: number; allMs: number }>;
  /** A loop of pure turns; the slope is heap growth a turn, which should be about none. */
  loop(dir: string): Promise<{ turnsPerS: number; bytesPerTurnSlope: number; otherP99Ms: number }>;
}

const KEPT: Record<OwnKind, Kept> = {
  durable: 'synced at run end',
  durableBarrier: 'synced each step',
  memory: 'in memory',
};

async function engine(kind: OwnKind, dir: string): Promise<StepsEngine> {
  const store: Store = kind === 'memory' ? createMemoryStore() : createSqliteStore({ path: join(dir, 'skein.db') });
  const site: Site = await openSite({
    store,
    durability: kind === 'durableBarrier' ? 'step' : 'due',
    onTrouble(run, fault) {
      if (fault !== undefined) throw new Error(`${run ?? 'the store'}: ${fault.message}`);
    },
  });
  return engineFrom({
    name: `skein, ${kind}`,
    kept: KEPT[kind],
    prepare(workload, work) {
      const ids = stepIds(workload);
      const flow = workflow<unknown, number>(workload.name, async (run) =>
        runByLevels(ids, (id, input) => run.code(id, input, work)),
      );
      return async () => (await site.start(flow)).output();
    },
    async close() {
      await site.stop();
      await store.close();
    },
  });
}

export const own: OwnSteps | undefined = {
  engine,
  bytesPerRun: bytesPerParkedRun,
  resume: resumeFigures,
  loop: loopFigures,
};
