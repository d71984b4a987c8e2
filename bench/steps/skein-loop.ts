/** A loop of a million pure turns in a SQLite journal, while another run takes its steps. */
import { join } from 'node:path';
import { openSite, workflow } from '../../src/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';

export const TURNS = 1_000_000;
const SAMPLES = 10;

export async function loopFigures(
  dir: string,
): Promise<{ turnsPerS: number; bytesPerTurnSlope: number; otherP99Ms: number }> {
  const store = createSqliteStore({ path: join(dir, 'loop.db'), checkpointMb: 4000, logCapMb: 8000 });
  const site = await openSite({ store });
  const heap: { turn: number; bytes: number }[] = [];
  let sampling = false;
  const counting = workflow<number, number>('counting', async (run, turns) =>
    run.loop('count', { from: 0, maxTurns: turns }, (state, _run, turn) => {
      if (sampling && turn % (TURNS / SAMPLES) === 0) heap.push({ turn, bytes: inUse() });
      return state + 1;
    }),
  );
  const delays: number[] = [];
  let over = false;
  const other = workflow<unknown, number>('other', async (run) => {
    let steps = 0;
    for (; !over; steps++) {
      // What a step of one millisecond takes beyond it is what its neighbours cost it.
      const asked = performance.now();
      await run.code('nap', () => new Promise<number>((resolve) => setTimeout(resolve, 1, 1)), { key: steps });
      delays.push(performance.now() - asked - 1);
    }
    return steps;
  });
  await (await site.start(counting, 50_000)).output(); // warm-up
  const beside = await site.start(other);
  const from = performance.now();
  const reached = await (await site.start(counting, TURNS)).output();
  const seconds = (performance.now() - from) / 1_000;
  over = true;
  await beside.output();
  // Collecting garbage stops everything, so the heap is looked at in a loop of its own.
  sampling = true;
  await (await site.start(counting, TURNS)).output();
  await site.stop();
  await store.close();
  if (reached !== TURNS) throw new Error(`the loop counted to ${reached}`);
  delays.sort((a, b) => a - b);
  return {
    turnsPerS: Math.round(TURNS / seconds),
    bytesPerTurnSlope: slope(heap),
    otherP99Ms: Number((delays[Math.floor(delays.length * 0.99)] ?? 0).toFixed(1)),
  };
}

function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Least squares: bytes of heap a turn. */
function slope(points: readonly { turn: number; bytes: number }[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, p) => sum + p.turn, 0) / n;
  const meanY = points.reduce((sum, p) => sum + p.bytes, 0) / n;
  const top = points.reduce((sum, p) => sum + (p.turn - meanX) * (p.bytes - meanY), 0);
  const bottom = points.reduce((sum, p) => sum + (p.turn - meanX) ** 2, 0);
  return Number((top / bottom).toFixed(3));
}
