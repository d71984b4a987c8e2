/**
 * A swarm works, loses an agent, loses its worker to kill -9, and ends as if nothing had happened.
 * Exits 0 only if all of that was seen to be so.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openStore, type Store } from '../../src/index.ts';
import { decodeRecord, type Event } from '../../src/model/index.ts';
import { published } from './swarm.ts';

const home = resolve(process.env['SKEIN_HOME'] ?? '.skein', 'first');
rmSync(home, { recursive: true, force: true });
mkdirSync(home, { recursive: true });
const path = join(home, 'store.db');
const ledger = join(home, 'published.tsv');
const run = 'report-1';
const LIMIT_MS = 30_000;

function work(): { child: ReturnType<typeof spawn>; said: Promise<string> } {
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'worker.ts'), path, ledger, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: new Promise((done) => child.once('close', () => done(text))) };
}

async function events(store: Store): Promise<Event[]> {
  return (await store.read(run)).flatMap((record) => decodeRecord(record)).flatMap((turn) => turn.events);
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const from = Date.now();
  while (!(await done())) {
    if (Date.now() - from > LIMIT_MS) throw new Error(`waited ${LIMIT_MS} ms for: ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

const settled = (all: Event[]): number => all.filter((e) => e.type === 'step.settled').length;

console.log('1. A worker takes a run: six topics, two agents, a jury of three, one publication.');
const first = work();
const store = await openStore(path);
await until('four summaries', async () => settled(await events(store)) >= 4);
first.child.kill('SIGKILL');
await first.said;
const before = await events(store);
console.log(`2. kill -9. The journal has ${before.length} events, ${settled(before)} steps are settled.`);

console.log('3. Another worker carries it on.');
const killedAt = Date.now();
const second = work();
const result = JSON.parse(await second.said) as { outcome: string; output: { chosen: string; summaries: number } };
const all = await events(store);
const moved = all.filter((e) => e.type === 'fault.healed' && e.by === 'elsewhere').length;
const again = before
  .filter((e) => e.type === 'step.settled')
  .filter((e) => all.filter((x) => x.type === 'step.settled' && x.step === e.step).length > 1);
const verdict = all.find((e) => e.type === 'agree.verdict');
console.log(`4. Done ${Date.now() - killedAt} ms after the restart: ${result.outcome}, "${result.output.chosen}".`);
console.log(`   ${moved} times an agent failed and the work went elsewhere, without asking a model.`);
console.log(`   The jury agreed by a margin of ${verdict?.type === 'agree.verdict' ? verdict.margin : 0} of 3.`);
console.log(
  `   No settled step was worked again (${again.length}); published exactly ${published(ledger).length} time.`,
);

const proofs: Record<string, boolean> = {
  'the run completed': result.outcome === 'completed' && result.output.summaries === 6,
  'a failing agent was healed elsewhere': moved > 0,
  'two workers held the run': new Set(all.filter((e) => e.type === 'run.claimed').map((e) => e.epoch)).size === 2,
  'no settled step was worked again': again.length === 0,
  'the effect happened once': published(ledger).length === 1,
};
await store.close();
const broken = Object.keys(proofs).filter((name) => !proofs[name]);
for (const name of broken) console.error(`not so: ${name}`);
console.log(`\nThe journal is in ${home}. Read examples/first/swarm.ts: it is all of the code.`);
process.exitCode = broken.length === 0 ? 0 : 1;
