// An agent that works for long tells us when it is done: what it says wakes, and nothing of it is believed.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { serveA2a } from '../../src/doors/a2a/index.ts';
import { createToken, tokenList } from '../../src/doors/guard/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import type { PushAbout, PushDesk } from '../../src/ports/agent/index.ts';
import { createNet } from '../../src/ports/net/index.ts';
import { createSiteKey, loadSiteKey, type SiteKey } from '../../src/site/audit/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { createPushes, type Pushes } from '../../src/site/pushes.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { start } from './start.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** No look of our own within any test's time. */
const NEVER_MS = 600_000;
let finish: (word: string) => void = () => {};
const long = workflow('long', (run) => run.code('work', () => new Promise<string>((resolve) => (finish = resolve))));
const calls = workflow('calls', (run) => run.ask('long', 'x'));

async function serve(site: Site, allow: string[], pushes?: Pushes, key: SiteKey = createSiteKey().key) {
  const token = createToken();
  const serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet({ allow }),
    version: '1.0.0',
    key,
    pushes,
    tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
  });
  opened.push(() => serving.close());
  return { ...serving, token };
}

/** Ours, the agent's, and how often ours looked at a task of it. */
async function pair(allow: string[], desk: (pushes: Pushes) => PushDesk = (pushes) => pushes) {
  const far = await openSite({ workflows: [long] });
  opened.push(() => far.stop({ graceMs: 0 }));
  const { url, token } = await serve(far, allow);
  const pushes = createPushes();
  const agent = await createA2aAgent({
    name: 'far',
    url,
    token: () => token,
    pushes: desk(pushes),
    skills: [{ name: 'long', effect: 'pure' }],
  });
  const near = await openSite({ agents: [agent], workflows: [calls] });
  opened.push(() => near.stop({ graceMs: 0 }));
  const door = await serve(near, [], pushes);
  return { far, near, pushes, door };
}

/** Only a push wakes: the looks in between are put off. */
const onlyPushed =
  (seen: PushAbout[] = []) =>
  (pushes: Pushes): PushDesk => ({
    address: (about) => pushes.address(about),
    watch(about) {
      seen.push(about);
      const watch = pushes.watch(about);
      return { ...watch, wait: (_ms, signal) => watch.wait(NEVER_MS, signal) };
    },
  });

async function untilAtWork(far: Site): Promise<void> {
  await expect.poll(async () => (await far.runs()).runs.length, { timeout: 10_000 }).toBe(1);
  const [row] = (await far.runs()).runs;
  for await (const { event } of far.watch(row!.run)) if (event.type === 'step.asked') return;
}

test('a call is woken by its push, and by nothing else', async () => {
  const { far, near } = await pair(['127.0.0.1'], onlyPushed());
  const { output } = await near.start(calls);
  await untilAtWork(far);
  finish('done');
  expect(await output()).toBe('done');
});

function post(url: string, token: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { 'x-a2a-notification-token': token };
    const sent = request(url, { method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    sent.on('error', reject);
    sent.end('{"task":{"id":"x","status":{"state":"TASK_STATE_COMPLETED"}}}');
  });
}

test('a push needs the token of its own task: forged ones wake nobody', async () => {
  const seen: PushAbout[] = [];
  const { far, near, pushes, door } = await pair(['127.0.0.1'], onlyPushed(seen));
  const handle = await near.start(calls);
  await untilAtWork(far);
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(1);
  const { url, token } = pushes.address(seen[0]!)!;
  const other = pushes.address({ ...seen[0]!, task: 'skein-other' })!.token;
  let woken = 0;
  const watch = pushes.watch(seen[0]!);
  void watch.wait(NEVER_MS, AbortSignal.timeout(15_000)).then(
    () => woken++,
    () => {},
  );
  for (const forged of [undefined, '', 'x', other, token.slice(0, -1), `${token}=`, door.token])
    expect(await post(url, forged)).toBe(401);
  expect(await post(`${url}x`, token)).toBe(401);
  expect(woken).toBe(0);
  expect(await post(url, token)).toBe(204);
  await expect.poll(() => woken).toBe(1);
  watch.close();
  // What it said of the task is not believed: it goes on.
  expect((await near.state(handle.run)).phase).not.toBe('ended');
});

test('who tries many tokens at the entry is slowed down', async () => {
  const { pushes } = await pair(['127.0.0.1']);
  const { url } = pushes.address({ task: 'a', run: 'r' })!;
  const statuses = await Promise.all(Array.from({ length: 80 }, () => post(url, 'no')));
  expect(statuses).toContain(401);
  expect(statuses).toContain(429);
});

test('an agent that may not call us is asked instead', async () => {
  const { far, near } = await pair([]);
  const { output } = await near.start(calls);
  await untilAtWork(far);
  finish('done');
  expect(await output()).toBe('done');
});

test('one that comes to another process of the store wakes the one that waits', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skein-push-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const far = await openSite({ workflows: [long] });
  opened.push(() => far.stop({ graceMs: 0 }));
  const { url, token } = await serve(far, ['127.0.0.1']);
  // Our door is here, and knows no workflow: the run is another worker's.
  const store = join(folder, 'site.db');
  const pushes = createPushes();
  const here = await openSite({ store, pushes });
  opened.push(() => here.stop({ graceMs: 0 }));
  const key = loadSiteKey(join(folder, 'site.key'));
  const door = await serve(here, [], pushes, key);
  const worker = await start('waiter', store, url, token, join(folder, 'site.key'), `${door.url}/a2a/pushes`);
  opened.push(() => worker.kill());
  await untilAtWork(far);
  const { run, owner } = (await here.runs()).runs[0]!;
  expect(owner).toBe('waiter');
  // By the first look of its own it would be too late: that comes in ten minutes.
  finish('done');
  expect(await here.handle(run).output()).toBe('done');
  expect(await here.store.letters(run)).toEqual([]);
  expect(await replay(here.store, run)).toMatchObject({ equal: true });
  // What comes when the run is over is kept nowhere.
  const late = pushes.address({ run, task: 'x' })!;
  expect(await post(late.url, late.token)).toBe(204);
  expect(await here.store.letters(run)).toEqual([]);
});

test('many pushes about one task are few letters', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  opened.push(() => vi.useRealTimers());
  const pushes = createPushes();
  const told: string[] = [];
  pushes.reach(async (run) => void told.push(run));
  pushes.open('http://x', createSiteKey().key);
  const about = { run: 'r.1', task: 'skein-a' };
  const { token } = pushes.address(about)!;
  for (let i = 0; i < 100; i++) expect(pushes.hear('skein-a.r.1', token)).toBe(true);
  expect(told).toEqual(['r.1']);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual(['r.1', 'r.1']);
  vi.advanceTimersByTime(5_000);
  expect(told).toHaveLength(2);
  const watch = pushes.watch(about);
  pushes.hear('skein-a.r.1', token);
  await watch.wait(60_000, new AbortController().signal);
  expect(told).toHaveLength(2);
});
