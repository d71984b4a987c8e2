import { expect, test, vi } from 'vitest';
import { createSeededChance, Fault } from '../../base/index.ts';
import { type Run, workflow } from '../../author/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openStore, type Store } from '../../ports/store/index.ts';
import { realClock } from '../clock.ts';
import { openSite, type Site, type SiteOptions } from '../site.ts';
import { FACTS_PREFIX, KEEP_MS } from './keep.ts';
import { rebuildFacts } from './rebuild.ts';

/** Time stands still but where an agent works: what is observed and what is journaled agree to the millisecond. */
function still() {
  let nowMs = 1_000_000;
  return { clock: { ...realClock, nowMs: () => nowMs }, pass: (ms: number) => void (nowMs += ms) };
}

/** Facts are kept at once. */
const hasty = {
  ...realClock,
  after: (ms: number, call: () => void) => realClock.after(ms === KEEP_MS ? 5 : ms, call),
};

async function worked(store: Store, options: SiteOptions = {}): Promise<Site> {
  const { clock, pass } = still();
  const chance = createSeededChance('rebuild');
  const answering = functionAgent('steady', {
    skills: {
      think: {
        price: { money: 1 },
        run: (i: number) => {
          pass(20 + i);
          return i;
        },
      },
    },
  });
  const failing = functionAgent('shaky', {
    skills: {
      think: () => {
        pass(7);
        if (chance.yes(0.5)) throw new Fault('agent.failed', 'no');
        return 1;
      },
    },
  });
  const silent = functionAgent('silent', { skills: { wait: () => new Promise(() => {}) } });
  const site = await openSite({ store, clock, agents: [answering, failing, silent], ...options });
  const flow = workflow('mixed', async (run: Run) => {
    for (let i = 0; i < 15; i++) await run.ask('think', i, { key: i });
    await run.ask('wait', 1, { timeoutMs: 5 }).catch(() => {});
  });
  for (let i = 0; i < 4; i++) await (await site.start(flow)).result();
  return site;
}

test('the figures made again from the journals are those that were kept', async () => {
  const store = await openStore('memory:');
  const site = await worked(store);
  const stopped = await site.start(workflow('waiting', (run: Run) => run.ask('wait', 1)));
  await vi.waitFor(() => expect(site.facts.load('silent')).toBe(1));
  await site.cancel(stopped.run, 'enough');
  await stopped.result();
  const kept = site.facts.save();
  expect(kept.figures['wait\nsilent']).toMatchObject({ censored: 1, faults: { 'step.timeout': expect.any(Number) } });
  expect(kept.figures['think\nshaky']!.faults['agent.failed']).toBeGreaterThan(0);
  const again = await rebuildFacts(store);
  expect(Object.keys(again.figures).toSorted()).toEqual(['think\nshaky', 'think\nsteady', 'wait\nsilent']);
  expect(again.figures).toEqual(kept.figures);
  expect(again.position).toBe(kept.position);
  await site.stop();
  await store.close();
});

test('a site that finds no facts, or none that can be read, makes them again; what it observes is added', async () => {
  const store = await openStore('memory:');
  const first = await worked(store, { keepFacts: false });
  const { position, figures } = first.facts.save();
  await first.stop();

  const second = await openSite({ store, clock: hasty });
  await vi.waitFor(() => expect(second.facts.position).toBe(position));
  expect(second.facts.save().figures).toEqual(figures);
  await second.stop();
  expect((await store.list({ prefix: FACTS_PREFIX, limit: 9 })).map((s) => s.stream)).toEqual([`${FACTS_PREFIX}0`]);

  const stream = `${FACTS_PREFIX}0`;
  const member = await store.join('spoiler');
  const { head, epoch } = (await store.info(stream))!;
  const snapshot = { seq: head, state: '{"figures":7' };
  const [spoilt] = await member.commit([{ stream, epoch, expectedHead: head, snapshot }], false);
  expect(spoilt).toMatchObject({ ok: true });
  await member.leave();
  const third = await openSite({ store, clock: hasty });
  await vi.waitFor(() => expect(third.facts.position).toBe(position));
  await third.stop();

  const fourth = await openSite({ store });
  expect(fourth.facts.of('steady', 'think')!.tries).toBe(figures['think\nsteady']!.tries);
  await fourth.stop();
  await store.close();
});

test('only tries from before are counted, where that is asked for', async () => {
  const store = await openStore('memory:');
  const site = await worked(store);
  expect((await rebuildFacts(store, { untilMs: 1_000_000 })).position).toBe(0);
  await site.stop();
  await store.close();
});
