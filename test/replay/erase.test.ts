/** Erasing payloads of runs under way and of runs that are over; retention; what audits and replay say of it. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { verifyStream } from '../../src/site/audit/index.ts';
import { loadRun } from '../../src/site/load.ts';
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

const agent = () => functionAgent('a', { skills: { say: (word: string) => `said ${word}` } });

const talk = workflow('talk', async (run, word: string) => {
  const one = await run.ask<string>('say', word, { key: 1 });
  await run.loop('turns', { from: word, maxTurns: 8 }, async (state, inner) => (await inner.ask('say', 'x'), state));
  const two = await run.signal<string>('go');
  return { one, two };
});

async function open(options: Partial<SiteOptions> = {}): Promise<Site> {
  const site = await openSite({ store, workflows: [talk], agents: [agent()], ...options });
  sites.push(site);
  return site;
}

/** Everything that the store holds of a run, as one text. */
async function everything(run: string): Promise<string> {
  const records = await store.read(run);
  return JSON.stringify([records, await store.snapshot(run)]);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await holds()) return;
    await sleep(3);
  }
  throw new Error('it did not come');
}

const SECRET = 'my name is Rosa';

async function seqsOf(run: string, word: string): Promise<number[]> {
  const seqs: number[] = [];
  await loadRun(store, run, {
    snapshot: false,
    take(state, turn) {
      for (const event of turn.events) {
        if (JSON.stringify(event.data ?? null).includes(word)) seqs.push(state.head);
        state.head++;
      }
      return true;
    },
  });
  return seqs;
}

describe.each(STORE_KINDS)('%s', (kind) => {
  beforeEach(async () => void ({ store } = await stores.open(kind)));

  test('of a run that is over: all of it, said in the journal, gone from the snapshot too', async () => {
    const site = await open({ snapshotEvents: 10 });
    const { run } = await site.start(talk, SECRET);
    await site.signal(run, 'go', 'gone');
    await site.handle(run).output();
    expect(await everything(run)).toContain(SECRET);
    const word = { by: { id: 'ann', rights: ['payload:erase'] }, reason: 'she asked' };
    expect(await site.erase(run, 'payloads', word)).toBeGreaterThan(10);
    const text = await everything(run);
    expect(text).not.toContain('Rosa');
    expect(text).toContain('she asked');
    expect(await verifyStream(store, run)).toEqual([]);
    const said = await replay(store, run);
    expect(said).toMatchObject({ equal: true });
    expect(said.erased).toBeGreaterThan(10);
    expect(await site.erase(run, 'payloads', word)).toBe(0);
    expect((await site.state(run)).outcome).toBe('completed');
  });

  test('of a run under way: those named; it goes on while it is held, and no later snapshot brings them back', async () => {
    const site = await open({ snapshotEvents: 4 });
    const { run } = await site.start(talk, SECRET);
    await until(async () => (await site.state(run)).open.has('go'));
    // A snapshot goes with the next append.
    await site.signal(run, 'aside');
    await until(async () => (await store.snapshot(run)) !== null);
    await expect(site.erase(run, 'payloads', { reason: 'x' })).rejects.toMatchObject({ code: 'conflict' });
    const seqs = await seqsOf(run, 'Rosa');
    expect(await site.erase(run, seqs, { reason: 'she asked' })).toBe(seqs.length);
    await until(async () => !(await everything(run)).includes('Rosa'));
    await site.stop();
    // Another worker cannot carry it on: its code is not given what is left.
    const next = await open({ snapshotEvents: 4 });
    expect(await next.handle(run).result()).toMatchObject({ outcome: 'failed', fault: { code: 'payload.erased' } });
    expect(await replay(store, run)).toMatchObject({ equal: true });
    expect(await everything(run)).not.toContain('Rosa');
    expect(await verifyStream(store, run)).toEqual([]);
  });

  test('a worker that dies between the word and the deed leaves the deed to the next', async () => {
    const site = await open();
    const { run } = await site.start(talk, SECRET);
    await until(async () => (await site.state(run)).open.has('go'));
    const { erase } = store;
    store.erase = () => new Promise(() => {});
    const seqs = await seqsOf(run, 'Rosa');
    void site.erase(run, seqs, { reason: 'she asked' }).catch(() => {});
    await until(async () => (await site.state(run)).erased !== undefined);
    await site.stop({ graceMs: 0 });
    store.erase = erase;
    expect(await everything(run)).toContain('Rosa');
    const next = await open();
    await until(async () => (await seqsOf(run, 'Rosa')).length === 0);
    await next.signal(run, 'go', 'gone');
    expect(await next.handle(run).output()).toMatchObject({ two: 'gone' });
  });

  test('retention: payloads of old runs go, those of younger and of open ones stay', async () => {
    let nowMs = 1_000_000;
    const clock = { ...(await import('../../src/site/clock.ts')).realClock, nowMs: () => nowMs };
    const site = await open({ clock });
    const [old, open1] = [await site.start(talk, SECRET), await site.start(talk, SECRET)];
    await site.signal(old.run, 'go', 'gone');
    await old.output();
    nowMs += 1_000_000;
    const young = await site.start(talk, SECRET);
    await site.signal(young.run, 'go', 'gone');
    await young.output();
    const erased = await site.retain({ beforeMs: nowMs - 500_000 });
    expect(erased.map((one) => one.stream)).toEqual([old.run]);
    expect(await everything(old.run)).not.toContain('Rosa');
    expect(await everything(young.run)).toContain('Rosa');
    expect(await everything(open1.run)).toContain('Rosa');
    expect(await verifyStream(store, old.run)).toEqual([]);
    expect(await site.retain({ beforeMs: nowMs - 500_000 })).toEqual([]);
  });

  test('without the right nothing goes', async () => {
    const site = await open();
    const { run } = await site.start(talk, SECRET);
    await until(async () => (await site.state(run)).open.has('go'));
    const nobody = { id: 'nobody', rights: [] };
    await expect(site.erase(run, [0], { by: nobody, reason: 'x' })).rejects.toMatchObject({ code: 'rights.missing' });
    // Nor by a letter past the verb.
    const body = JSON.stringify({ in: 'erase', seqs: [0], by: nobody, reason: 'x', letter: '' });
    await store.post([{ to: run, id: 'erase:1', dueMs: 0, body }]);
    await site.worker.look();
    await until(async () => (await site.state(run)).heard.has('erase:1'));
    expect(await everything(run)).toContain('Rosa');
    expect(await replay(store, run)).toMatchObject({ equal: true });
  });
});
