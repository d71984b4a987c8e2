/** Crowds: of more than can be shown, those are shown who may be asked; the others when these are used up. */
import { expect, test } from 'vitest';
import { type Run, workflow } from '../../author/index.ts';
import { Fault, type Json } from '../../base/index.ts';
import { type EventOf, MAX_CANDIDATES, type Preference } from '../../model/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { replay } from '../replay.ts';
import { openSite, type SiteOptions } from '../site.ts';

interface Crowd {
  n: number;
  /** Those that answer; the others fail. Default: all. */
  well?: (i: number) => boolean;
  price?: (i: number) => number;
  routing?: SiteOptions['routing'];
  ask?: { agent?: string; prefer?: Preference };
  budget?: { money: number };
}

/** Who worked it, or what it failed with; what the run was told; and that it replays. */
async function work({ n, well = () => true, price = () => 0, routing, ask, budget }: Crowd) {
  const agents = Array.from({ length: n }, (_, i) => {
    const run = (): string => {
      if (well(i)) return `a${i}`;
      throw new Fault('agent.failed', 'no', { retry: 'elsewhere' });
    };
    return functionAgent(`a${i}`, { skills: { s: { price: { money: price(i) }, run } } });
  });
  const flow = workflow('one', { budget }, (run: Run) => run.ask<string>('s', 'x', ask));
  const site = await openSite({ agents, routing });
  const handle = await site.start(flow);
  const result = await handle.result();
  const found: EventOf<'candidates.found'>[] = [];
  let cut: { agent: string; why: string }[] = [];
  for await (const { event } of site.watch(handle.run)) {
    if (event.type === 'candidates.found') found.push(event);
    if (event.type === 'fault.escalated') cut = event.cut;
  }
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
  await site.stop();
  for (const { candidates } of found) expect(candidates.length).toBeLessThanOrEqual(MAX_CANDIDATES);
  return { output: result.output as Json, code: result.fault?.code, found, cut };
}

const last = (n: number): string => `a${n - 1}`;

for (const n of [20, 100]) {
  test(`the agent that is named is found among ${n}`, async () => {
    const { output, found } = await work({ n, ask: { agent: last(n) } });
    expect(output).toBe(last(n));
    expect(found[0]!.refused).toEqual({ 'not the agent asked for': n - 1 });
  });

  for (const choose of ['learned', 'fixed'] as const)
    test(`whom a rule says to use is found among ${n}, ${choose}`, async () => {
      const rules = [{ name: 'only', use: [last(n)] }];
      expect((await work({ n, routing: { choose, rules } })).output).toBe(last(n));
    });

  test(`whom no rule avoids is found among ${n}`, async () => {
    const avoid = Array.from({ length: n - 1 }, (_, i) => `a${i}`);
    expect((await work({ n, routing: { rules: [{ name: 'not these', avoid }] } })).output).toBe(last(n));
  });

  test(`whom the budget can pay is found among ${n}`, async () => {
    expect((await work({ n, budget: { money: 1 }, price: (i) => (i === n - 1 ? 0.5 : 5) })).output).toBe(last(n));
  });

  test(`the cheapest of ${n} is asked where only the price counts`, async () => {
    const price = (i: number): number => (i === n - 1 ? 0.01 : 5);
    expect((await work({ n, price, ask: { prefer: { quality: 0, cost: 1, speed: 0 } } })).output).toBe(last(n));
    expect((await work({ n, price, routing: { choose: 'fixed' } })).output).toBe(last(n));
  });

  test(`all but one of ${n} fail: it is found`, async () => {
    const { output, found } = await work({ n, well: (i) => i === n - 1 });
    expect(output).toBe(last(n));
    expect(found.length).toBeGreaterThan(1);
  });

  test(`all of ${n} fail: the cut names them all`, async () => {
    const { code, cut } = await work({ n, well: () => false });
    expect(code).toBe('no-way-left');
    expect(cut.map((one) => one.agent).sort()).toEqual(Array.from({ length: n }, (_, i) => `a${i}`).sort());
  });
}

test('who was only busy is asked when the one that was free has failed', async () => {
  const site = await openSite({
    agents: [
      {
        ...functionAgent('busy', {
          skills: { s: async () => (await new Promise((go) => setTimeout(go, 50)), 'busy') },
        }),
        limits: { atOnce: 1 },
      },
      functionAgent('free', {
        skills: {
          s: () => {
            throw new Fault('agent.failed', 'no', { retry: 'elsewhere' });
          },
        },
      }),
    ],
  });
  const flow = workflow('two', async (run: Run) => {
    const first = run.ask('s', 1, { key: 1, agent: 'busy' });
    await run.code('a moment', () => new Promise((go) => setTimeout(go, 10)));
    return [await run.ask('s', 2, { key: 2 }), await first];
  });
  expect(await (await site.start(flow)).output()).toEqual(['busy', 'busy']);
  await site.stop();
});
