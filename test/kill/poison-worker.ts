/**
 * A worker of a store on which some runs kill whoever works them. args: the store, the file that says that all is
 * mended, and the poison to start.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { plan, workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { openSite } from '../../src/site/site.ts';

const [address = '', mended = '', ...start] = process.argv.slice(2);

function boom(): string | Promise<string> {
  if (existsSync(mended)) return 'mended';
  // Whoever starts them lives to see them on disk.
  if (start.length > 0) return new Promise(() => {});
  process.kill(process.pid, 'SIGKILL');
  // The signal needs a moment to be delivered.
  for (;;);
}

const agent = functionAgent('worker', {
  skills: { boom: async () => (await sleep(5), boom()), long: async (n: number) => (await sleep(300), n + 1) },
});
/** Kills in a call, and in the code between two steps. */
const called = plan('called').step('it', { ask: 'boom' }).workflow();
const between = workflow('between', async (run) => {
  await run.ask('long', 1);
  return boom();
});
const patient = workflow('patient', async (run, n: number) =>
  run.ask<number>('long', await run.ask<number>('long', n, { key: 1 }), { key: 2 }),
);
const calm = workflow('calm', async (run) => run.signal('go'));

const workflows = [called, between, patient, calm];
const site = await openSite({ store: address, agents: [agent], workflows, evictAfterMs: Infinity });
if (start.length > 0) {
  const runs = [site.start(calm, null, { id: 'calm' })];
  for (let n = 0; n < 3; n++) runs.push(site.start(patient, n, { id: `patient-${n}` }));
  await Promise.all(runs);
  await Promise.all(start.map((name) => site.start(name, null, { id: name })));
  process.kill(process.pid, 'SIGKILL');
}
