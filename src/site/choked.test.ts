/** Given a letter on which a decision throws, then the words behind it are heard, and it is neither hidden nor lost. */
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { decide } from '../flow/index.ts';
import { type Input, newRunState } from '../model/index.ts';
import { createChoked } from './choked.ts';
import { replay } from './replay.ts';
import { openSite, type Site, type SiteOptions } from './site.ts';

const open: Site[] = [];
afterEach(async () => {
  for (const site of open.splice(0)) await site.stop({ graceMs: 0 });
});

const asks = workflow('asks', async (run) => {
  const { by } = await run.gate('ok', { right: 'pay' });
  return [by, await run.signal('go')];
});
const ann = { id: 'ann', rights: ['*'] };

async function asked(options: SiteOptions = {}) {
  const troubles: string[] = [];
  const site = await openSite({
    ...options,
    workflows: [asks],
    onTrouble: (_run, fault) => void troubles.push(fault?.message ?? 'better'),
  });
  open.push(site);
  const { run } = await site.start(asks);
  await site.handle(run).untilAsked('ok');
  return { site, run, troubles };
}

async function refusals(site: Site, run: string) {
  const found = [];
  for await (const { event } of site.watch(run, { live: false }))
    if (event.type === 'letter.refused') found.push(event);
  return found;
}

test('a word is refused in the journal after two tries; those behind it are heard, and the run replays', async () => {
  const decides: typeof decide = (state, input, at) => {
    if (input.in === 'gate' && input.id === 'bad') throw new Error('a slip of ours');
    return decide(state, input, at);
  };
  const { site, run, troubles } = await asked({ decide: decides });
  await site.approve(run, 'ok', { id: 'bad', by: ann });
  await site.signal(run, 'go', 1, { by: ann });
  await site.approve(run, 'ok', { id: 'good', by: ann });
  expect(await site.handle(run).output()).toEqual(['ann', 1]);
  expect(await refusals(site, run)).toMatchObject([
    {
      id: 'bad',
      what: 'gate ok',
      by: ann,
      fault: { code: 'internal', message: expect.stringContaining('a slip of ours') },
    },
  ]);
  expect(troubles.filter((text) => text === 'a slip of ours')).toHaveLength(2);
  expect(await site.store.letters(run)).toEqual([]);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
});

test.each<[string, unknown, string]>([
  ['without rights', { id: 'bob' }, 'rights.missing'],
  ['with a text for rights', { id: 'bob', rights: 'pay' }, 'rights.missing'],
  ['with numbers for rights', { id: 'bob', rights: [5] }, 'rights.missing'],
  ['that is null', null, 'internal'],
])('a letter of another program by a principal %s is refused', async (_name, by, code) => {
  const { site, run } = await asked();
  const body = JSON.stringify({ in: 'gate', step: 'ok', id: 'odd', choice: 'approve', by, letter: '' });
  await site.store.post([{ to: run, id: 'gate:odd', dueMs: 0, body }]);
  await site.worker.look();
  await site.approve(run, 'ok', { by: ann });
  await site.signal(run, 'go', 1);
  expect(await site.handle(run).output()).toEqual(['ann', 1]);
  expect(await refusals(site, run)).toMatchObject([{ id: 'odd', fault: { code } }]);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
});

test('a wake-up is never refused: it comes again, ever less often', () => {
  let nowMs = 0;
  let throws = true;
  const heard: Input[] = [];
  const choked = createChoked(
    (state, input, at) => {
      if (throws) throw new Fault('internal', 'no');
      heard.push(input);
      return decide(state, input, at);
    },
    { monotonicMs: () => nowMs },
  );
  const state = newRunState('r');
  const timer: Input = { in: 'timer', id: 'x', letter: 't:x' };
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    expect(() => choked.decide(state, timer, 0)).toThrow('no');
    const before = nowMs;
    while (choked.isPutOff('r', 't:x')) nowMs += 500;
    waits.push(nowMs - before);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(choked.isPutOff('other', 't:x')).toBe(false);
  throws = false;
  choked.decide(state, timer, 0);
  expect(heard).toEqual([timer]);
  expect(choked.isPutOff('r', 't:x')).toBe(false);
});
