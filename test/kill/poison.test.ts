/**
 * Runs that kill their workers, with real processes: they are set aside after so many takes, and what shared a worker
 * with them is not; a person says how it goes on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { MAX_CLAIMS } from '../../src/flow/index.ts';
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../src/lab/servers/postgres.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { storyOf } from '../../src/site/faults/index.ts';
import { eventsOf } from '../../src/lab/trial/index.ts';

const LIMIT_MS = 200_000;
const why = await whyNoPostgres();
const dir = mkdtempSync(join(tmpdir(), 'skein-poison-'));
let workers: ChildProcess[] = [];
let over = false;
afterEach(() => {
  over = true;
  for (const worker of workers) worker.kill('SIGKILL');
  workers = [];
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function hire(...args: string[]): ChildProcess {
  const worker = spawn(process.execPath, [join(import.meta.dirname, 'poison-worker.ts'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'skein-kill-compiled') },
  });
  workers.push(worker);
  return worker;
}

async function campaign(address: string, poison: string[]): Promise<void> {
  const mended = join(dir, `mended-${address.length}`);
  await once(hire(address, mended, ...poison), 'exit');
  let lost = 1;
  over = false;
  const crew = [1, 2].map(async () => {
    while (!over) {
      const worker = hire(address, mended);
      const [code] = (await once(worker, 'exit')) as [number | null];
      if (!over && code === null) lost++;
    }
  });
  const site = await openSite({ store: address, works: false });
  const until = performance.now() + LIMIT_MS;
  const reached = async (test: () => Promise<boolean>): Promise<void> => {
    while (!(await test())) {
      if (performance.now() > until) throw new Error(`not in time: ${JSON.stringify(await standing(site))}`);
      await sleep(50);
    }
  };
  await reached(async () => {
    const now = await standing(site);
    return (
      poison.every((run) => now[run] === 'set aside') && [0, 1, 2].every((n) => now[`patient-${n}`] === 'completed')
    );
  });
  console.log(`${lost} workers were lost before ${poison.length} runs were set aside`);
  // Two may be on trial at two workers, and a run that shared a worker is taken alone soon after.
  expect(lost).toBeLessThanOrEqual(poison.length * MAX_CLAIMS + 4);
  expect(await standing(site)).toMatchObject({ calm: 'open' });
  expect(await site.gates('called')).toMatchObject([{ step: '*', asks: 'poison', show: { code: 'run.poison' } }]);
  expect(storyOf(await eventsOf(site.store, 'called'))).toMatchObject([
    { step: '*', end: 'escalated', to: 'person', cut: [{ agent: 'worker', step: 'it' }] },
  ]);
  // Nobody dies of them any more, whoever takes them up.
  await sleep(500);
  const before = lost;
  await site.signal('calm', 'go', 'gone');
  await reached(async () => (await standing(site))['calm'] === 'completed');
  expect(lost).toBe(before);
  writeFileSync(mended, '');
  await site.approve('called', '*');
  if (poison.includes('between')) await site.deny('between', '*');
  await reached(async () => {
    const now = await standing(site);
    return poison.every((run) => !['open', 'set aside'].includes(now[run]!));
  });
  expect(await standing(site)).toMatchObject({ called: 'completed' });
  expect((await site.state('called')).output).toBe('mended');
  if (poison.includes('between')) expect((await site.state('between')).fault?.code).toBe('run.poison');
  for (const run of poison)
    expect(storyOf(await eventsOf(site.store, run)).map((one) => one.end)).not.toContain('silent');
  over = true;
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(crew);
  await site.stop();
}

async function standing(site: Site): Promise<Record<string, string>> {
  const { runs } = await site.runs({ limit: 100 });
  const states = await Promise.all(
    runs.map(
      async ({ run, outcome }) => outcome ?? ((await site.state(run)).quarantine === undefined ? 'open' : 'set aside'),
    ),
  );
  return Object.fromEntries(runs.map(({ run }, i) => [run, states[i]!]));
}

test('on SQLite', { timeout: 240_000 }, () => campaign(join(dir, 'site.db'), ['called', 'between']));

test.skipIf(why !== null)('on PostgreSQL', { timeout: 240_000 }, async () => {
  const server: PostgresServer = await startPostgres();
  try {
    await campaign(server.url, ['called']);
  } finally {
    await server.close();
  }
});
