/** Restored from a backup, a run has forgotten what it did since: nothing of it is done twice unasked. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { functionAgent, type FunctionSkill } from '../../src/ports/agent/index.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { createMemoryStore } from '../../src/ports/store/memory.ts';
import { backup, markRestored } from '../../src/site/backup.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { sleep } from '../workloads/index.ts';
import { closeServer, createTestStores, RESTORED_MS, STORE_KINDS, type StoreKind } from './stores.ts';

/** Letters come some time after the claim, as from a server. */
function slowLetters(store: Store): Store {
  return {
    ...store,
    async join(worker) {
      const member = await store.join(worker);
      const due: typeof member.due = async (...args) => {
        await sleep(10);
        return member.due(...args);
      };
      return { ...member, due };
    },
  };
}

const stores = createTestStores();
let sites: Site[] = [];
beforeEach(() => void (sites = []));
afterEach(async () => {
  for (const site of sites) await site.stop({ graceMs: 0 });
  await stores.close();
});
afterAll(closeServer);

/** Waits for its door, then acts; the backup is made while it waits. */
const flow = workflow('flow', async (run) => {
  await run.ask('think', 1);
  await run.signal('go');
  return run.effect('act', 5);
});

function agents(world: string[], skill: Partial<FunctionSkill>) {
  return [
    functionAgent('a', {
      skills: {
        think: (n: number) => n,
        act: { effect: 'reversible', ...skill, run: (n: number, { key }) => world.push(`act ${n} ${key}`) },
      },
    }),
  ];
}

async function until(site: Site, run: string, holds: (state: Awaited<ReturnType<Site['state']>>) => boolean) {
  for (let i = 0; i < 2_000; i++) {
    const state = await site.state(run);
    if (holds(state)) return state;
    await sleep(2);
  }
  throw new Error('it did not come');
}

/** A run acts after the backup, and is then restored to before. */
async function play(kind: StoreKind, skill: Partial<FunctionSkill>) {
  const world: string[] = [];
  const { store, target, restore } = await stores.open(kind);
  const first = await openSite({ store, workflows: [flow], agents: agents(world, skill) });
  sites.push(first);
  const { run } = await first.start(flow);
  await until(first, run, (state) => state.open.has('go'));
  // The word is given already, and not taken yet, when the backup is made: the copy goes on by itself.
  await first.stop();
  await store.post([
    {
      to: run,
      id: 'signal:1',
      dueMs: 0,
      body: JSON.stringify({ in: 'signal', signal: 'go', id: '1', by: { id: 'me', rights: ['*'] }, letter: '' }),
    },
  ]);
  await backup(store, target);
  const second = await openSite({ store, workflows: [flow], agents: agents(world, skill) });
  sites.push(second);
  await second.handle(run).output();
  await second.stop();
  expect(world).toHaveLength(1);
  const copy = await restore();
  const third = await openSite({ store: copy, workflows: [flow], agents: agents(world, skill) });
  sites.push(third);
  return { world, run, site: third, copy };
}

describe.each(STORE_KINDS)('restored: %s', (kind) => {
  test('an effect whose sink can say so is asked about, and not done again', async () => {
    const { world, run, site, copy } = await play(kind, { reconcile: () => ({ happened: true, output: 'was done' }) });
    expect(await site.handle(run).output()).toBe('was done');
    expect(world).toHaveLength(1);
    expect(await replay(copy, run)).toMatchObject({ equal: true });
  });

  test('what did not happen at the sink is done once more, not asked about for ever', async () => {
    const { world, run, site, copy } = await play(kind, { reconcile: () => ({ happened: false }) });
    expect(await site.handle(run).output()).toBe(2);
    expect(world).toHaveLength(2);
    expect(await replay(copy, run)).toMatchObject({ equal: true });
  });

  test('an effect that nobody can tell of waits for a person', async () => {
    const { world, run, site } = await play(kind, {});
    await until(site, run, (state) => state.steps.get('act')?.at === 'person');
    await site.approve(run, 'act', { value: 'seen' });
    expect(await site.handle(run).output()).toBe('seen');
    expect(world).toHaveLength(1);
  });

  test('a sink that honours keys gets the same key again', async () => {
    const { world, run, site } = await play(kind, { effect: 'idempotent', keyed: true });
    await site.handle(run).output();
    expect(world).toHaveLength(2);
    expect(new Set(world).size).toBe(1);
  });
});

test.each(['a child', 'the run it goes on as', 'a run that is started again'])(
  '%s, begun anew after the restore, may have acted before: it asks',
  async (which) => {
    const world: string[] = [];
    const skill: Partial<FunctionSkill> = { reconcile: () => ({ happened: true, output: 'was done' }) };
    const acts = workflow('acts', async (run) => run.effect('act', 1));
    const flow = workflow('flow', async (run, times: number): Promise<unknown> => {
      if (times > 0) return run.effect('act', times);
      await run.wait('a while', { ms: 60 });
      return which === 'a child' ? run.workflow(acts, undefined) : run.continueAsNew(1);
    });
    const opening = { workflows: [flow, acts], agents: agents(world, skill) };
    const store = createMemoryStore();
    const asker = await openSite({ store, works: false, workflows: [flow, acts] });
    sites.push(asker);
    const isOwn = which === 'a run that is started again';
    if (!isOwn) await asker.start(flow, 0, { id: 'r' });
    await backup(store, 'copy');
    if (isOwn) await asker.start(acts, undefined, { id: 'r' });
    const doer = await openSite({ store, ...opening });
    sites.push(doer);
    await doer.handle('r').output();
    expect(world).toHaveLength(1);

    const copy = store.openBackup('copy');
    await markRestored(copy, RESTORED_MS);
    const again = await openSite({ store: copy, ...opening });
    sites.push(again);
    if (isOwn) await again.start(acts, undefined, { id: 'r', mayHaveRun: true });
    expect(await again.handle('r').output()).toBe('was done');
    expect(world).toHaveLength(1);
    for (const one of (await again.runs()).runs) expect(await replay(copy, one.run)).toMatchObject({ equal: true });
  },
);

test('many runs claimed at once: each knows that it was restored before it does anything', async () => {
  const RUNS = 60;
  const world: string[] = [];
  const skill: Partial<FunctionSkill> = { reconcile: () => ({ happened: true, output: 'was done' }) };
  const flow = workflow('flow', async (run) => run.effect('act', 1));
  const store = createMemoryStore();
  const asker = await openSite({ store, works: false });
  sites.push(asker);
  const runs: string[] = [];
  for (let i = 0; i < RUNS; i++) runs.push((await asker.start(flow)).run);
  await backup(store, 'copy');
  const doer = await openSite({ store, workflows: [flow], agents: agents(world, skill) });
  sites.push(doer);
  for (const run of runs) await doer.handle(run).output();
  expect(world).toHaveLength(RUNS);
  const copy = store.openBackup('copy');
  await markRestored(copy, RESTORED_MS);
  const again = await openSite({ store: slowLetters(copy), workflows: [flow], agents: agents(world, skill) });
  sites.push(again);
  for (const run of runs) expect(await again.handle(run).output()).toBe('was done');
  expect(world).toHaveLength(RUNS);
});

test('a store that is in use is not marked as restored', async () => {
  const store = createMemoryStore();
  sites.push(await openSite({ store }));
  await expect(markRestored(store, RESTORED_MS)).rejects.toMatchObject({ code: 'conflict' });
});
