/** Hedging at a real site: agents whose slowest call in a hundred takes twenty times the median, with and without. */
import { performance } from 'node:perf_hooks';
import { functionAgent, openSite, type Run, workflow } from '../../src/index.ts';
import { createSeededChance } from '../../src/base/index.ts';

export interface Hedged {
  /** p99 without, over p99 with hedging; end to end, per step. */
  p99Ratio: number;
  /** Calls beyond one a step, as a share. */
  extraCalls: number;
  plain: { p50Ms: number; p99Ms: number };
  hedged: { p50Ms: number; p99Ms: number };
}

const MEDIAN_MS = 25;
/** Nine in ten calls lie close to the median, one in fifty is in the tail: p99 = 20 x p50. */
const TAIL_FROM = 0.98;
const TAIL_MS = MEDIAN_MS * 20;
const WARM = 400;

export async function measureHedging(steps: number, width = 20): Promise<Hedged> {
  const plain = await season(false, steps, width);
  const hedged = await season(true, steps, width);
  return {
    p99Ratio: plain.p99Ms / hedged.p99Ms,
    extraCalls: hedged.calls / steps - 1,
    plain: { p50Ms: plain.p50Ms, p99Ms: plain.p99Ms },
    hedged: { p50Ms: hedged.p50Ms, p99Ms: hedged.p99Ms },
  };
}

async function season(hedge: boolean, steps: number, width: number) {
  const chance = createSeededChance('latencies');
  let calls = 0;
  const slow = (name: string) =>
    functionAgent(name, {
      skills: {
        work: (_input, { signal }) => {
          calls++;
          const draw = chance.next();
          const ms = draw < TAIL_FROM ? MEDIAN_MS * (0.8 + 0.4 * chance.next()) : TAIL_MS * (0.9 + 0.3 * chance.next());
          return new Promise((resolve, reject) => {
            const timer = setTimeout(() => resolve(1), ms);
            signal.addEventListener('abort', () => {
              clearTimeout(timer);
              reject(signal.reason as Error);
            });
          });
        },
      },
    });
  const site = await openSite({ agents: [slow('a'), slow('b'), slow('c')] });
  const times: number[] = [];
  const flow = workflow('hedging', async (run: Run, { from, n }: { from: number; n: number }) => {
    for (let i = from; i < from + n; i++) {
      const began = performance.now();
      await run.ask('work', i, { key: i, hedge });
      times.push(performance.now() - began);
    }
  });
  const go = async (from: number, n: number): Promise<void> => {
    const each = Math.ceil(n / width);
    const handles = Array.from({ length: width }, (_, i) => site.start(flow, { from: from + i * each, n: each }));
    await Promise.all(handles.map(async (handle) => (await handle).output()));
  };
  // How long calls take is learned first: without figures nothing is hedged.
  await go(0, WARM);
  times.length = 0;
  calls = 0;
  await go(1_000_000, steps);
  await site.stop();
  const worked = times.toSorted((a, b) => a - b);
  const at = (q: number): number => worked[Math.min(worked.length - 1, Math.floor(worked.length * q))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99), calls };
}
