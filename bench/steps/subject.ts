/** One subject of our own house in its own process: `subject.ts <key> --dir <folder> --slot <ms>`. */
import { parseArgs } from 'node:util';
import { bare } from './bare.ts';
import type { Answer } from './child.ts';
import { engineFrom, type Kept, measureEngine, type StepsEngine } from './engine.ts';
import { journal40 } from './journal40.ts';
import { EVENT_BYTES, rawAppend, syncMicros } from './raw.ts';
import { own, type OwnKind, type OwnSteps } from './skein.ts';

const { values, positionals } = parseArgs({
  options: { dir: { type: 'string' }, slot: { type: 'string' } },
  allowPositionals: true,
});
const key = positionals[0] ?? '';
const dir = values.dir!;
const slotMs = Number(values.slot);

const engineAnswer = async (engine: StepsEngine): Promise<Answer> => ({
  name: engine.name,
  kept: engine.kept,
  figures: { ...(await measureEngine(engine, slotMs)) },
});
const figuresAnswer = (kept: Kept, figures: Record<string, number>): Answer => ({
  name: key,
  kept,
  figures,
});

const skein = (): OwnSteps => {
  if (!own) throw new Error('our own engine is not plugged in: see bench/steps/skein.ts');
  return own;
};
const ownEngine = async () => engineAnswer(await skein().engine(key as OwnKind, dir));
const bytes =
  (runs: number, evicted = false) =>
  async () =>
    figuresAnswer('in memory', { bytesPerRun: await skein().bytesPerRun(runs, dir, { evicted }) });

const subjects: Record<string, () => Promise<Answer>> = {
  bare: () => engineAnswer(engineFrom(bare())),
  journal40: () => engineAnswer(engineFrom(journal40({ dir, synchronous: 'FULL' }))),
  journal40Wide: () => engineAnswer(engineFrom(journal40({ dir, synchronous: 'FULL', rowBytes: EVENT_BYTES }))),
  journal40Normal: () => engineAnswer(engineFrom(journal40({ dir, synchronous: 'NORMAL' }))),
  raw: async () =>
    figuresAnswer('synced each step', {
      syncMicros: syncMicros(dir),
      append1: rawAppend(dir, 1, slotMs),
      append100: rawAppend(dir, 100, slotMs),
    }),
  durable: ownEngine,
  durableBarrier: ownEngine,
  memory: ownEngine,
  resume: async () => figuresAnswer('synced at run end', { ...(await skein().resume(dir)) }),
  loop: async () => figuresAnswer('synced at run end', { ...(await skein().loop(dir)) }),
  bytes1000: bytes(1_000),
  bytes50000: bytes(50_000),
  bytesEvicted: bytes(10_000, true),
};

const subject = subjects[key];
if (!subject) throw new Error(`no subject is called "${key}"`);
process.stdout.write(`${JSON.stringify(await subject())}\n`, () => process.exit(0));
