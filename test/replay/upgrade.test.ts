/** A rolling upgrade: two versions of a site on one store. Each carries on only what it can. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Run, workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { JOURNAL_FORMAT } from '../../src/model/index.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site, type SiteOptions } from '../../src/site/site.ts';
import { sleep } from '../workloads/index.ts';
import { closeServer, createTestStores, STORE_KINDS } from './stores.ts';

const stores = createTestStores();
let store: Store;
const sites: Site[] = [];
afterEach(async () => {
  for (const site of sites.splice(0)) await site.stop({ graceMs: 0 });
  await stores.close();
});
afterAll(closeServer);

const flow = (version: string) =>
  workflow('flow', { version }, async (run) => {
    const word = await run.signal<string>('go');
    return `${word}, says version ${version}`;
  });
const [one, two] = [flow('1'), flow('2')];

async function open(options: Partial<SiteOptions>): Promise<Site> {
  const site = await openSite({ store, ...options });
  sites.push(site);
  return site;
}

/** The store as a later Skein sees it: it writes and reads a newer journal. */
function later(store: Store): Store {
  const format = JOURNAL_FORMAT + 1;
  return {
    ...store,
    async join(worker) {
      const member = await store.join(worker);
      const commit: typeof member.commit = (appends, barrier) =>
        member.commit(
          appends.map((a) => (a.create === undefined ? a : Object.assign({}, a, { create: { ...a.create, format } }))),
          barrier,
        );
      return { ...member, commit, claim: (request) => member.claim({ ...request, format }) };
    },
  };
}

const PATIENCE_MS = 300;

/** Nobody takes it, although somebody is there and it has a letter. */
async function isLeftAlone(run: string): Promise<void> {
  const before = await store.info(run);
  await sleep(PATIENCE_MS);
  expect(await store.info(run)).toEqual(before);
  expect((await store.workers()).some(({ worker, alive }) => alive && worker === before?.owner)).toBe(false);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await holds()) return;
    await sleep(3);
  }
  throw new Error('it did not come');
}

describe.each(STORE_KINDS)('%s', (kind) => {
  beforeEach(async () => void ({ store } = await stores.open(kind)));

  test('a run is carried on only by a worker that has its version of the workflow', async () => {
    const old = await open({ workflows: [one] });
    const { run } = await old.start(one);
    await until(async () => (await old.state(run)).open.has('go'));
    const fresh = await open({ workflows: [two] });
    const next = await fresh.start('flow');
    await old.stop();
    // The old version is gone, its run waits; the new one goes its way.
    await fresh.signal(run, 'go', 'hello');
    await fresh.signal(next.run, 'go', 'hello');
    expect(await next.output()).toBe('hello, says version 2');
    await isLeftAlone(run);
    const both = await open({ workflows: [one, two] });
    expect(await both.handle(run).output()).toBe('hello, says version 1');
    expect((await both.start('flow')).run).toBeDefined();
    for (const each of [run, next.run]) expect(await replay(store, each)).toMatchObject({ equal: true });
  });

  test('a worker claims no journal newer than it reads, and a newer one claims the older', async () => {
    const older = await open({ workflows: [one] });
    const newer = await open({ workflows: [one], store: later(store) });
    const [ofOld, ofNew] = [await older.start(one), await newer.start(one)];
    await until(async () => (await older.state(ofOld.run)).open.has('go'));
    await until(async () => (await older.state(ofNew.run)).open.has('go'));
    await newer.stop();
    // Said through the older site; taken only when a newer one is there again.
    await older.signal(ofNew.run, 'go', 'new');
    await isLeftAlone(ofNew.run);
    await older.stop();
    const again = await open({ workflows: [one], store: later(store) });
    await again.signal(ofOld.run, 'go', 'old');
    expect(await again.handle(ofNew.run).output()).toBe('new, says version 1');
    expect(await again.handle(ofOld.run).output()).toBe('old, says version 1');
  });

  test.each([
    ['that were there', false],
    ['before they were asked for', true],
  ])(
    'an edit that renamed steps %s and is taken back: what was done under either name is not done again',
    async (_, isNew) => {
      const done: string[] = [];
      const agent = functionAgent('bank', {
        skills: { pay: { effect: 'reversible', undo: () => {}, run: (what: string) => void done.push(what) } },
      });
      const code = (name: string, was?: string) =>
        workflow('pays', async (run) => {
          await run.effect('pay', 'one', { name, was });
          const both = {
            paid: async (r: Run) => r.effect('pay', 'two', { name, was }),
            word: async (r: Run) => r.signal<string>('go'),
          };
          return (await run.all(`${name}s`, both, { was: was && `${was}s` })).word;
        });
      const [before, after] = [code('old'), code('new', 'old')];
      const [begins, firstName] = isNew ? [after, 'new'] : [before, 'old'];
      const first = await open({ workflows: [begins], agents: [agent] });
      const { run } = await first.start(begins);
      await until(async () => (await first.state(run)).steps.get(`${firstName}s/paid/${firstName}`)?.out === 'ok');
      await first.stop();
      for (const flow of isNew ? [before, after, before] : [after, before, after, before]) {
        const site = await open({ workflows: [flow], agents: [agent] });
        const name = flow === after ? 'new' : 'old';
        // Taken up by a word that it does not wait for.
        await site.signal(run, 'hm', name);
        await until(async () => (await site.state(run)).steps.has(`${name}s/paid/${name}`));
        await site.stop();
      }
      const last = await open({ workflows: [before], agents: [agent] });
      await last.signal(run, 'go', 'well');
      expect(await last.handle(run).output()).toBe('well');
      expect(done.toSorted()).toEqual(['one', 'two']);
      expect(await replay(store, run)).toMatchObject({ equal: true });
    },
  );

  test('while both are there, everybody keeps what is theirs, and every run ends once', async () => {
    const RUNS = 20;
    const old = await open({ workflows: [one] });
    const fresh = await open({ workflows: [one, two], store: later(store) });
    const runs = await Promise.all(
      Array.from({ length: RUNS }, (_, i) => (i % 2 === 0 ? old.start(one) : fresh.start(two))),
    );
    for (const { run } of runs) await old.signal(run, 'go', 'x');
    // Midway the old version is drained; what it held goes over.
    await old.stop();
    const outputs = await Promise.all(runs.map(({ run }) => fresh.handle(run).output()));
    expect(outputs).toEqual(runs.map((_, i) => `x, says version ${i % 2 === 0 ? 1 : 2}`));
    for (const { run } of runs) expect(await replay(store, run)).toMatchObject({ equal: true });
  });
});
