import { expect, test } from 'vitest';
import { z } from 'zod';
import { workflow } from '../author/index.ts';
import type { Json } from '../base/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openStore } from '../ports/store/index.ts';
import { openSite } from './site.ts';
import type { Watched } from './watch.ts';

const echo = functionAgent('echo', { skills: { say: (input: Json) => input } });

const talk = workflow('talk', { input: z.object({ n: z.number() }) }, async (run, { n }) => {
  for (let i = 0; i < n; i++) await run.ask('say', i, { key: String(i) });
  return await run.signal('enough');
});

async function collect(events: AsyncIterable<Watched>, stopAt?: string): Promise<Watched[]> {
  const seen: Watched[] = [];
  for await (const one of events) {
    seen.push(one);
    if (one.event.type === stopAt) break;
  }
  return seen;
}

test('a watcher sees every event once, in order, from the site that works and from another', async () => {
  const store = await openStore('memory:');
  const site = await openSite({ store, agents: [echo], workflows: [talk] });
  const other = await openSite({ store, works: false });
  const { run } = await site.start(talk, { n: 20 });
  const here = collect(site.watch(run));
  const there = collect(other.watch(run));
  const first = await collect(site.watch(run), 'step.settled');
  await site.signal(run, 'enough', { ok: true });
  const all = await here;
  expect(all.map((one) => one.seq)).toEqual(all.map((_, i) => i));
  expect(all.at(-1)!.event).toMatchObject({ type: 'run.ended', outcome: 'completed' });
  expect(await there).toEqual(all);
  const rest = await collect(other.watch(run, { after: first.at(-1)!.seq }));
  expect([...first, ...rest]).toEqual(all);
  await other.stop();
  await site.stop();
});

test('a watcher ends when it is aborted, when the site stops, and at once for a run that is not there', async () => {
  const site = await openSite({ agents: [echo], workflows: [talk] });
  const { run } = await site.start(talk, { n: 1 });
  const aborted = new AbortController();
  const watched = collect(site.watch(run, { signal: aborted.signal }));
  setTimeout(() => aborted.abort(new Error('enough seen')), 20);
  await expect(watched).rejects.toThrow('enough seen');
  await expect(collect(site.watch('r_none'))).rejects.toThrow('there is no run r_none');
  await expect(collect(site.watch(run, { after: -2 }))).rejects.toThrow('after must be');
  const quiet = await collect(site.watch(run, { live: false }));
  expect(quiet.length).toBeGreaterThan(3);
  const open = collect(site.watch(run));
  setTimeout(() => void site.stop(), 20);
  await expect(open).rejects.toThrow('the site has stopped');
});

test('runs are listed newest first, a page at a time, with how they ended', async () => {
  const site = await openSite({ agents: [echo], workflows: [talk] });
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { run } = await site.start(talk, { n: i }, { id: `r_${i}`, goal: `number ${i}` });
    ids.unshift(run);
  }
  await site.signal('r_1', 'enough', { ok: true });
  await site.handle('r_1').result();
  await site.cancel('r_2', 'no need');
  await site.handle('r_2').result();
  const one = await site.runs({ limit: 3 });
  const two = await site.runs({ limit: 3, after: one.next! });
  expect([...one.runs, ...two.runs].map((row) => row.run).toSorted()).toEqual(ids.toSorted());
  expect(two.next).toBeUndefined();
  const ended = (await site.runs({ status: 'ended' })).runs;
  expect(Object.fromEntries(ended.map((row) => [row.run, row.outcome]))).toEqual({
    r_1: 'completed',
    r_2: 'cancelled',
  });
  expect((await site.runs({ workflow: 'another' })).runs).toEqual([]);
  expect((await site.runs({ prefix: 'r_4' })).runs[0]).toMatchObject({
    workflow: 'talk',
    status: 'open',
    goal: 'number 4',
  });
  await site.stop();
});
