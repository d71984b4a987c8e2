/** The choice at a real site: learned from what happens, journaled, replayed without the site. */
import { describe, expect, test, vi } from 'vitest';
import { type Run, workflow } from '../../author/index.ts';
import type { Json } from '../../base/index.ts';
import type { EventOf } from '../../model/index.ts';
import { type Agent, functionAgent } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { replay } from '../replay.ts';
import { openSite, type Site, type SiteOptions } from '../site.ts';

type Condition = NonNullable<NonNullable<NonNullable<SiteOptions['routing']>['rules']>[number]['when']>;

const bad = functionAgent('a-bad', {
  skills: {
    think: () => {
      throw new Error('no');
    },
  },
});
const good = functionAgent('good', { skills: { think: () => 1 } });

function thinking(times: number) {
  return workflow('thinking', async (run: Run) => {
    for (let i = 0; i < times; i++) await run.ask('think', { i }, { key: i });
  });
}

async function begun(site: Site, run: string): Promise<EventOf<'attempt.begun'>[]> {
  const all: EventOf<'attempt.begun'>[] = [];
  for await (const { event } of site.watch(run)) if (event.type === 'attempt.begun') all.push(event);
  return all;
}

async function worked(options: SiteOptions, times = 40) {
  const site = await openSite({ ...options, workflows: [] });
  const handle = await site.start(thinking(times));
  await handle.output();
  const attempts = await begun(site, handle.run);
  return { site, run: handle.run, attempts };
}

describe('learning at a site', () => {
  test('an agent that fails is asked ever less, and every choice is in the journal', async () => {
    const { site, run, attempts } = await worked({ agents: [bad, good] });
    const first = attempts.filter((a) => a.why === undefined);
    expect(first).toHaveLength(40);
    expect(first.every((a) => a.chosen?.of === 2)).toBe(true);
    expect(first.slice(20).filter((a) => a.agent === 'a-bad').length).toBeLessThan(4);
    expect(await replay(site.store, run)).toMatchObject({ equal: true });
    await site.stop();
  });

  test('what one worker learned the next one knows', async () => {
    const store = await openStore('memory:');
    const { site } = await worked({ agents: [bad, good], store });
    await site.stop();
    const again = await worked({ agents: [bad, good], store }, 10);
    expect(again.attempts.filter((a) => a.agent === 'a-bad').length).toBeLessThan(4);
    await again.site.stop();
    await store.close();
  });

  test('one agent, no rule: no choice, and one event for all steps', async () => {
    const { site, run, attempts } = await worked({ agents: [good] });
    expect(attempts.every((a) => a.chosen === undefined)).toBe(true);
    const found: unknown[] = [];
    for await (const { event } of site.watch(run)) if (event.type === 'candidates.found') found.push(event);
    expect(found).toHaveLength(1);
    await site.stop();
  });

  test('a second agent that comes during a run is considered', async () => {
    const site = await openSite({ agents: [good] });
    const flow = workflow('later', async (run: Run) => {
      await run.ask('think', 0, { key: 0 });
      await run.signal('more');
      for (let i = 1; i < 12; i++) await run.ask('think', i, { key: i });
    });
    const handle = await site.start(flow);
    site.agents.add(functionAgent('newcomer', { skills: { think: () => 2 } }));
    await site.signal(handle.run, 'more');
    await handle.output();
    const [first, ...rest] = await begun(site, handle.run);
    expect(first?.chosen).toBeUndefined();
    expect(rest.every((a) => a.chosen?.of === 2)).toBe(true);
    expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
    await site.stop();
  });

  test('fixed: the cheapest, then by name, and never explored', async () => {
    const { site, attempts } = await worked({ agents: [good, bad], routing: { choose: 'fixed' } }, 5);
    expect(attempts.filter((a) => a.why === undefined).every((a) => a.agent === 'a-bad')).toBe(true);
    await site.stop();
  });
});

describe('gates of the site', () => {
  function guarded(name: string, more: Partial<Agent> & { right?: string; input?: object }): Agent {
    const { right, input, ...rest } = more;
    const agent = functionAgent(name, { skills: { think: () => name } });
    const skills = agent.skills.map((skill) => Object.assign({}, skill, { right, input }));
    return { ...agent, ...rest, skills };
  }

  async function refusals(agents: Agent[], by: string[], input: unknown, labels?: string[]) {
    const site = await openSite({ agents });
    const flow = workflow('one', (run: Run) => run.ask('think', input as never));
    const handle = await site.start(flow, undefined, { by: { id: 'me', rights: by }, labels });
    const result = await handle.result();
    let refused: Record<string, number> | undefined;
    for await (const { event } of site.watch(handle.run))
      if (event.type === 'candidates.found') refused = event.refused;
    await site.stop();
    return { output: result.output, fault: result.fault?.code, refused };
  }

  test('labels: who may not see them is refused, also when nobody else is there', async () => {
    const blind = guarded('blind', { clearance: ['public'] });
    expect(await refusals([blind], ['*'], 1, ['secret'])).toMatchObject({
      fault: 'agent.none',
      refused: { "may not see 'secret'": 1 },
    });
    expect((await refusals([blind, good], ['*'], 1, ['secret'])).output).toBe(1);
    expect((await refusals([blind], ['*'], 1, ['public'])).output).toBe('blind');
  });

  test('rights: who asks must have the right that the skill names', async () => {
    const paid = guarded('paid', { right: 'use:paid' });
    expect((await refusals([paid], ['use:*'], 1)).output).toBe('paid');
    expect(await refusals([paid], ['other'], 1)).toMatchObject({ refused: { "right 'use:paid' is missing": 1 } });
  });

  test('the cut set of declared ways says whom the gates refused, not that nobody has the skill', async () => {
    const blind = { ...functionAgent('blind', { skills: { think: () => 1, other: () => 2 } }), clearance: ['public'] };
    const site = await openSite({ agents: [blind] });
    const flow = workflow('one', (run: Run) => run.ask('think', 1, { alternatives: ['other'] }));
    const handle = await site.start(flow, undefined, { labels: ['secret'] });
    await handle.result();
    const cuts: unknown[] = [];
    for await (const { event } of site.watch(handle.run)) if (event.type === 'fault.escalated') cuts.push(event.cut);
    const shut = { agent: '', why: "1 may not see 'secret'" };
    expect(cuts).toMatchObject([
      [shut],
      [
        { ...shut, skill: 'think' },
        { ...shut, skill: 'other' },
      ],
    ]);
    expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
    await site.stop();
  });

  test('contract: an input that does not fit its schema goes to another', async () => {
    const strict = guarded('a-strict', { input: { type: 'string' } });
    expect(await refusals([strict, good], ['*'], 7)).toMatchObject({
      output: 1,
      refused: { 'the input does not fit its schema': 1 },
    });
    // Also where nobody else is there.
    expect(await refusals([strict], ['*'], 7)).toMatchObject({ fault: 'agent.none' });
    expect((await refusals([strict], ['*'], 'fits')).output).toBe('a-strict');
  });

  test('contract: a schema that refers to itself without end shuts out its agent, and nobody else', async () => {
    const endless = guarded('a-strict', { input: { $ref: '#' } });
    const refused = { 'its input schema cannot be read': 1 };
    expect(await refusals([endless, good], ['*'], 7)).toMatchObject({ output: 1, refused });
    expect(await refusals([endless], ['*'], 7)).toMatchObject({ fault: 'agent.none' });
  });

  test('rules: a person says who works what', async () => {
    const rules = [{ name: 'law to bob', when: { domain: 'law' }, use: ['bob'] }];
    const bob = functionAgent('bob', { skills: { think: () => 'bob' } });
    const site = await openSite({ agents: [good, bob], routing: { rules } });
    const flow = workflow('one', (run: Run) => run.ask('think', 'is this clause of the contract legal?'));
    const handle = await site.start(flow);
    expect(await handle.output()).toBe('bob');
    const [attempt] = await begun(site, handle.run);
    expect(attempt?.chosen).toMatchObject({ by: 'rule', rule: 'law to bob', of: 1 });
    await site.stop();
  });
});

test.each<[string, Condition, Json]>([
  ['a word late in a long text', { keywords: ['secret'] }, `${'a '.repeat(2_500)}secret`],
  ['a word behind many', { keywords: ['secret'] }, [...Array.from({ length: 900 }, () => 'a word'), 'secret']],
  ['the length of one long text', { all: [{ domain: 'law' }, { length: { atLeast: 20_000 } }] }, 'law '.repeat(5_000)],
  ['a number', { keywords: ['4711'] }, { order: 4711 }],
  ['yes or no', { keywords: ['urgent true'] }, { urgent: true }],
])('a rule sees all of the input: %s', async (_name, when, input) => {
  const rules = [
    { name: 'seen', when, use: ['bob'] },
    { name: 'not seen', use: ['good'] },
  ];
  const bob = functionAgent('bob', { skills: { think: () => 'bob' } });
  const site = await openSite({ agents: [good, bob], routing: { rules } });
  const handle = await site.start(workflow('one', (run: Run) => run.ask('think', input)));
  expect(await handle.output()).toBe('bob');
  await site.stop();
});

describe('many agents', () => {
  const crowd = (n: number) =>
    Array.from({ length: n }, (_, i) =>
      functionAgent(`a${i}`, { skills: { think: { description: `knows thing ${i}`, run: () => i } } }),
    );
  const foundOf = async (site: Site, run: string) => {
    const found: EventOf<'candidates.found'>[] = [];
    for await (const { event } of site.watch(run)) if (event.type === 'candidates.found') found.push(event);
    return found;
  };
  const sum = (of: Record<string, number> = {}) => Object.values(of).reduce((a, b) => a + b, 0);

  test('while they are being indexed steps are worked, and the journal says how many are not in it yet', async () => {
    const site = await openSite({ agents: crowd(3_000) });
    const one = workflow('one', (run: Run) => run.ask('think', 'thing 2987'));
    const first = await site.start(one);
    await first.output();
    const [early] = await foundOf(site, first.run);
    expect(early!.refused!['not yet indexed']).toBeGreaterThan(1_000);
    expect(early!.candidates.length + sum(early!.refused)).toBe(3_000);
    await vi.waitFor(
      async () => {
        const later = await site.start(one);
        await later.output();
        const [found] = await foundOf(site, later.run);
        expect(Object.keys(found!.refused!)).toEqual(['not among the nearest']);
        expect(found!.candidates.map((c) => c.agent)).toContain('a2987');
        expect(await replay(site.store, later.run)).toMatchObject({ equal: true });
      },
      { timeout: 20_000, interval: 200 },
    );
    await site.stop();
  });

  test('with an embedder that is down there are candidates all the same', async () => {
    const down = { name: 'down', dims: 8, embed: () => Promise.reject(new Error('down')) };
    const site = await openSite({ agents: crowd(100), routing: { embedder: down } });
    const handle = await site.start(workflow('one', (run: Run) => run.ask<number>('think', 'x')));
    expect(await handle.output()).toBeTypeOf('number');
    await site.stop();
  });
});
