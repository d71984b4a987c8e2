/** Circles of failures from the journals of a real site that is down, and what a worker that starts makes of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parsePlan, planWorkflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { openSite } from '../site.ts';
import { cascadesIn } from './index.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'skein circles '))));
afterEach(() => rmSync(folder, { recursive: true }));

const work = planWorkflow(parsePlan('{ name: work, steps: { a: { ask: think, retry: { tries: 1 } } } }'));
const file = () => join(folder, 'site.db');

/** Each drags the other down: what fails at one fails at the other. */
function pair(fails: boolean) {
  return ['left', 'right'].map((name) =>
    functionAgent(name, {
      skills: {
        think: () => {
          if (fails) throw new Fault('agent.failed', `${name} is swamped`);
          return name;
        },
      },
    }),
  );
}

/** Nothing at this site knows of health: only its journals do. */
async function burn(fails: boolean, runs: number): Promise<string[]> {
  const store = await openStore(file());
  const site = await openSite({ store, agents: pair(fails), workflows: [work], health: false });
  const ids: string[] = [];
  for (let i = 0; i < runs; i++) {
    const { run } = await site.start(work, null);
    ids.push(run);
    await site.handle(run).result();
  }
  await site.stop({ graceMs: 0 });
  await store.close();
  return ids;
}

test('a site that is down names the circle, and the runs that failed in it', async () => {
  const ids = await burn(true, 40);
  const store = await openStore(file());
  const { cascades, records, broken } = await cascadesIn(store);
  await store.close();
  expect({ broken, many: records > 40 }).toEqual({ broken: 0, many: true });
  expect(cascades).toHaveLength(1);
  const [{ skill, circle, runs, times }] = cascades as [(typeof cascades)[0]];
  expect({ skill, circle: circle.toSorted() }).toEqual({ skill: 'think', circle: ['left', 'right'] });
  expect(times).toBeGreaterThan(0);
  expect(runs.length).toBeGreaterThan(0);
  for (const run of runs) expect(ids).toContain(run);
});

test('reading is bounded, and a site where all goes well has no circle', async () => {
  await burn(false, 20);
  const store = await openStore(file());
  expect(await cascadesIn(store, { records: 10 })).toMatchObject({ cascades: [], broken: 0 });
  expect((await cascadesIn(store, { records: 10 })).records).toBeLessThanOrEqual(10);
  await store.close();
});

test('a worker that starts takes it up, and leaves one of the circle in peace', async () => {
  await burn(true, 40);
  const told: string[] = [];
  const store = await openStore(file());
  const site = await openSite({
    store,
    agents: pair(false),
    workflows: [work],
    onTrouble: (_, fault) => void told.push(fault?.message ?? ''),
  });
  await vi.waitFor(() => expect(told.join()).toContain('keep themselves going'), 10_000);
  const healthy = ['left', 'right'].filter((name) => site.agents.isHealthy(name, 'think'));
  expect(healthy).toHaveLength(1);
  const { run } = await site.start(work, null);
  expect(await site.handle(run).output()).toBe(healthy[0]);
  await site.stop({ graceMs: 0 });
  await store.close();
});
