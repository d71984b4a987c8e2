/** The checker of kill campaigns can fail: everything it looks for is planted once. */
import { beforeAll, expect, test } from 'vitest';
import { chainStart, decodeRecord, encodeRecord } from '../../model/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { openSite } from '../../site/site.ts';
import { createSeededChance } from '../../base/index.ts';
import { agentsFor, type Errand, errand, workflows } from './flows.ts';
import type { SinkWork } from './sink-client.ts';
import { isGood, type KillReport, verify } from './verify.ts';

const store = createMemoryStore();
const works: SinkWork[] = [];
const acknowledged = new Map<string, Errand>([['errand-1', { n: 1 }]]);

beforeAll(async () => {
  const sender = functionAgent('sender', {
    skills: {
      send: {
        effect: 'idempotent',
        keyed: true,
        run: ({ what }: { what: string }, { key }) => works.push({ key, what, asked: 1 }),
      },
    },
  });
  const agents = [...agentsFor('').filter(({ name }) => name !== 'sender'), sender];
  const site = await openSite({ store, workflows, agents });
  const handle = await site.start(errand, { n: 1 }, { id: 'errand-1' });
  await site.signal('errand-1', 'word', 'word 1');
  await handle.output();
  await site.stop();
});

const check = (
  with_: { store?: Store; works?: SinkWork[]; acknowledged?: Map<string, Errand> } = {},
): Promise<KillReport> => verify({ store, works, acknowledged, kills: [], pauses: 0, troubles: new Map(), ...with_ });

test('a run as it must be', async () => {
  const report = await check();
  expect(report.findings).toEqual([]);
  expect(isGood(report)).toBe(true);
});

test('a run that was acknowledged and is not there, or came to another end, is lost', async () => {
  expect(await check({ acknowledged: new Map([...acknowledged, ['errand-2', { n: 2 }]]) })).toMatchObject({ lost: 1 });
  expect(await check({ acknowledged: new Map([['errand-1', { n: 4 }]]) })).toMatchObject({ lost: 1 });
});

test('an effect that is not at the sink is lost; one done under two keys, or that no journal knows, is double', async () => {
  expect(await check({ works: works.slice(1) })).toMatchObject({ lost: 1 });
  const twice = { ...works[0]!, key: `${works[0]!.key}x` };
  expect((await check({ works: [...works, twice] })).duplicated).toBeGreaterThan(0);
  expect(await check({ works: [...works, { key: 'stray', what: 'stray', asked: 1 }] })).toMatchObject({
    duplicated: 1,
  });
});

test('a run that has not ended is unfinished', async () => {
  const open: Store = {
    ...store,
    list: async (options) =>
      (await store.list(options)).map((info) => Object.assign({}, info, { status: 'open' as const })),
  };
  expect((await check({ store: open })).unfinished).toBeGreaterThan(0);
});

/** The journal with its events changed, and its chain made anew, as one that can write the store could. */
async function rewritten(change: (event: Record<string, unknown>) => Record<string, unknown>[]): Promise<Store> {
  const info = (await store.info('errand-1'))!;
  const first = await store.read('errand-1');
  let previous = chainStart('errand-1');
  let seq = 0;
  const records = first.map((record) => {
    const turns = decodeRecord(record).map(({ at, in: input, events }) => ({
      at,
      in: input,
      events: events.flatMap((event) => change(event as never)) as never,
    }));
    const made = encodeRecord(turns, seq, record.epoch, previous, createSeededChance(seq));
    previous = made.hash;
    seq += made.count;
    return made;
  });
  const changed = { ...info, head: seq, hash: previous };
  return {
    ...store,
    info: async (run) => (run === 'errand-1' ? changed : store.info(run)),
    list: async (options) => (await store.list(options)).map((one) => (one.stream === 'errand-1' ? changed : one)),
    read: async (run, how) =>
      run === 'errand-1' ? records.filter((r) => r.seq + r.count > (how?.from ?? 0)) : store.read(run, how),
  };
}

test('a step that settles twice, and a claim in another epoch, are broken; so is a chain that is not whole', async () => {
  const twice = await rewritten((event) => (event['type'] === 'step.settled' ? [event, { ...event }] : [event]));
  expect(await check({ store: twice })).toMatchObject({ broken: 1 });
  const stranger = await rewritten((event) => (event['type'] === 'run.claimed' ? [{ ...event, epoch: 9 }] : [event]));
  expect(await check({ store: stranger })).toMatchObject({ broken: 1 });
  const torn: Store = {
    ...store,
    read: async (run, how) =>
      (await store.read(run, how)).map((r) => Object.assign({}, r, { header: r.header.replace('"at":1', '"at":2') })),
  };
  expect((await check({ store: torn })).broken).toBeGreaterThan(0);
});
