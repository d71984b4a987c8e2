import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import type { Json } from '../base/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openStore } from '../ports/store/index.ts';
import { openSite } from './site.ts';
import type { SiteWatched } from './watch-site.ts';

const echo = functionAgent('echo', { skills: { say: (input: Json) => input } });
const talk = workflow('talk', async (run, n: number) => {
  for (let i = 0; i < n; i++) await run.ask('say', i, { key: String(i) });
  return n;
});
const other = workflow('other', async (run) => run.ask('say', 'other'));

async function collect(events: AsyncIterable<SiteWatched>, enough: (all: SiteWatched[]) => boolean) {
  const all: SiteWatched[] = [];
  for await (const one of events) {
    all.push(one);
    if (enough(all)) break;
  }
  return all;
}
const ends = (count: number) => (all: SiteWatched[]) =>
  all.filter(({ event }) => event.type === 'run.ended').length === count;

test('a watcher of the site sees every event of every run once, and may come back to any of them', async () => {
  const store = await openStore('memory:');
  const site = await openSite({ store, agents: [echo], workflows: [talk, other] });
  const elsewhere = await openSite({ store, works: false });
  const live = collect(site.watch(), ends(4));
  const there = collect(elsewhere.watch(), ends(4));
  // Until both stand where they begin.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const runs = await Promise.all([3, 2, 5].map(async (n) => site.start(talk, n)));
  await site.start(other, undefined, { by: { id: 'bo', rights: ['*'] } });
  const all = await live;
  expect(await there).toEqual(all);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const { run } of runs) {
    const own = all.filter((one) => one.run === run);
    const journal = [];
    for await (const { seq, event } of site.watch(run)) journal.push({ seq, event });
    expect(own.map(({ seq, event }) => ({ seq, event }))).toEqual(journal);
  }
  // From the start, and from every place in it, also in the middle of a record.
  const now = async (options: object) => collect(site.watch({ live: false, ...options }), () => false);
  expect(await now({ after: 'start' })).toEqual(all);
  for (const [i, { id }] of all.entries()) expect(await now({ after: id })).toEqual(all.slice(i + 1));
  expect(await now({})).toEqual([]);
  // Only some of them; the places that are told on the way lead on.
  const places: string[] = [];
  const few = await now({ after: 'start', workflow: 'other', onPlace: (id: string) => places.push(id) });
  expect(few).toEqual(all.filter(({ workflow: name }) => name === 'other'));
  expect(await now({ after: 'start', by: 'bo' })).toEqual(few);
  expect(await now({ after: places.at(-1)! })).toEqual([]);
  await elsewhere.stop();
  await site.stop();
});

test('ids that lead nowhere are refused; a watcher ends when it is told to, and with the site', async () => {
  const site = await openSite({ agents: [echo], workflows: [talk] });
  const next = (after: string) => site.watch({ after })[Symbol.asyncIterator]().next();
  await expect(next('what')).rejects.toMatchObject({ code: 'input.invalid' });
  await expect(next('0-99')).rejects.toMatchObject({ code: 'conflict' });
  await expect(next('7-0')).rejects.toMatchObject({ code: 'conflict' });
  const stop = new AbortController();
  const watched = collect(site.watch({ signal: stop.signal }), () => false);
  setTimeout(() => stop.abort(new Error('enough')), 20);
  await expect(watched).rejects.toThrow('enough');
  const open = collect(site.watch(), () => false);
  setTimeout(() => void site.stop(), 20);
  await expect(open).rejects.toThrow('the site has stopped');
});
