/** Retention on a timer: by one worker at a time, in bounded passes, on every store. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSeededChance, type Fault } from '../base/index.ts';
import { workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { closeServer, createTestStores, STORE_KINDS, type TestStore } from '../../test/replay/stores.ts';
import { verifyStream } from './audit/index.ts';
import { openSite, type Site, type SiteOptions } from './site.ts';
import { realClock } from './clock.ts';
import { createRetention, type Retention, type RetentionPolicy } from './retention.ts';

const DAY_MS = 86_400_000;
const talk = workflow('talk', async (run, said: string) => {
  const first = await run.ask('echo', said);
  await run.signal('go');
  return first;
});
const echo = functionAgent('echo', { skills: { echo: (said: string) => `heard ${said}` } });

describe.each(STORE_KINDS)('retention on %s', (kind) => {
  const stores = createTestStores();
  let at: TestStore;
  let nowMs = 0;
  const clock = { ...realClock, nowMs: () => nowMs };
  const sites: Site[] = [];
  const troubles: (Fault | undefined)[] = [];

  beforeEach(async () => {
    at = await stores.open(kind);
    nowMs = 1_700_000_000_000;
  });
  afterEach(async () => {
    for (const site of sites.splice(0)) await site.stop();
    await stores.close();
  });
  afterAll(closeServer);

  async function open(options: Partial<SiteOptions> = {}): Promise<Site> {
    const onTrouble = (_: string | undefined, fault: Fault | undefined): void => void troubles.push(fault);
    const site = await openSite({ store: at.store, workflows: [talk], agents: [echo], clock, onTrouble, ...options });
    sites.push(site);
    return site;
  }

  /** What a worker of that name does: the timer apart, so that the test says when. */
  async function worker(
    name: string,
    policy: RetentionPolicy & { most?: number },
  ): Promise<{ retention: Retention; leave(): Promise<void> }> {
    const membership = await at.store.join(name);
    const chance = createSeededChance(name);
    const erasing = { store: at.store, membership, clock, chance, ask: () => Promise.reject(new Error('open')) };
    const onTrouble = (_: string | undefined, fault: Fault | undefined): void => void troubles.push(fault);
    // No rest between runs: how long it is hangs on how busy this machine is.
    const restless = { ...clock, after: (_: number, call: () => void) => clock.after(0, call) };
    const retention = createRetention({ ...policy, erasing, clock: restless, chance, onTrouble });
    return { retention, leave: () => membership.leave() };
  }

  async function over(site: Site, said: string): Promise<string> {
    const handle = await site.start(talk, said);
    await site.signal(handle.run, 'go');
    await handle.output();
    return handle.run;
  }

  const says = async (run: string): Promise<boolean> => JSON.stringify(await at.store.read(run)).includes('Rosa');

  test('a site erases what is over by itself, again and again; open and young runs keep theirs', async () => {
    const site = await open({ retention: { payloadsMs: DAY_MS, everyMs: 40 } });
    const old = await over(site, 'Rosa');
    const stays = (await site.start(talk, 'Rosa')).run;
    await site.trust.note('one', { skill: 'echo', said: { Rosa: 0 } } as never, { id: 'Rosa', rights: ['*'] });
    nowMs += 2 * DAY_MS;
    const young = await over(site, 'Rosa');
    await expect.poll(() => says(old), { timeout: 10_000 }).toBe(false);
    expect([await says(stays), await says(young)]).toEqual([true, true]);
    expect(await verifyStream(at.store, old)).toEqual([]);
    // The open one ends, and its time comes too: it was not forgotten.
    await site.signal(stays, 'go');
    await site.handle(stays).output();
    nowMs += 2 * DAY_MS;
    await expect.poll(async () => [await says(stays), await says(young)], { timeout: 10_000 }).toEqual([false, false]);
    // What the site keeps of itself is no run's payload.
    expect(JSON.stringify(await at.store.read('site/trust'))).toContain('Rosa');
    expect(troubles.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('of several workers one does it, a dead one is replaced, and nothing is read twice', async () => {
    const site = await open();
    const runs = [await over(site, 'Rosa'), await over(site, 'Rosa')];
    nowMs += 2 * DAY_MS;
    const policy = { payloadsMs: DAY_MS, everyMs: 1_000 };
    const [ann, bob] = [await worker('ann', policy), await worker('bob', policy)];
    const gone = await Promise.all([ann.retention.pass(), bob.retention.pass()]);
    expect(gone.toSorted((a, b) => a - b)[0]).toBe(0);
    expect(Math.max(...gone)).toBeGreaterThan(0);
    for (const run of runs) expect(await says(run)).toBe(false);
    // Not due yet, for nobody.
    expect([await ann.retention.pass(), await bob.retention.pass()]).toEqual([0, 0]);
    expect((await at.store.info('site/retention'))?.head).toBe(1);

    // Due, and what is done is not read again.
    nowMs += 1_000;
    const read: string[] = [];
    const { read: plain } = at.store;
    at.store.read = (stream, how) => {
      read.push(stream);
      return plain(stream, how);
    };
    expect(await bob.retention.pass()).toBe(0);
    at.store.read = plain;
    expect(read.filter((stream) => !stream.startsWith('site/'))).toEqual([]);

    // It dies in the middle of a pass: while it lives nobody else begins one, then somebody does.
    const third = await over(site, 'Rosa');
    nowMs += 2 * DAY_MS;
    let died = false;
    const { erase } = at.store;
    at.store.erase = () => {
      died = true;
      return new Promise<never>(() => {});
    };
    void ann.retention.pass();
    await expect.poll(() => died).toBe(true);
    at.store.erase = erase;
    expect(await bob.retention.pass()).toBe(0);
    expect(await says(third)).toBe(true);
    await ann.leave();
    expect(await bob.retention.pass()).toBeGreaterThan(0);
    expect(await says(third)).toBe(false);
    await bob.leave();
  });

  test('a pass is bounded, and the next one goes on where it ended', async () => {
    const site = await open();
    const runs: string[] = [];
    for (let i = 0; i < 12; i++) runs.push(await over(site, 'Rosa'));
    nowMs += 2 * DAY_MS;
    const { retention, leave } = await worker('ann', { payloadsMs: DAY_MS, everyMs: DAY_MS, most: 5 });
    const left: number[] = [];
    for (let i = 0; i < 4; i++) {
      await retention.pass();
      left.push((await Promise.all(runs.map(says))).filter((one) => one).length);
      nowMs += 1_000;
    }
    expect(left).toEqual([7, 2, 0, 0]);
    // The round is over: the next one is due when it is.
    expect((await at.store.info('site/retention'))?.head).toBe(3);
    await leave();
  });
});

test('a policy that makes no sense is said at once', async () => {
  await expect(openSite({ retention: { payloadsMs: 0 } })).rejects.toMatchObject({ code: 'input.invalid' });
});
