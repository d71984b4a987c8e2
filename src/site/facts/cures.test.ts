/** What healed a failure at a site is used first there the next time: journaled, replayed without the site, kept. */
import { expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { Fault, faultToData } from '../../base/index.ts';
import { type Event, type EventOf, failureSign, newRunState, type StepState } from '../../model/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { replay } from '../replay.ts';
import { openSite, type Site } from '../site.ts';
import { createCures, createFacts } from './index.ts';

let cured = true;
const cannot = (what: string) => () => {
  throw new Fault('agent.failed', what);
};
// Only one of them can read scans; the others fail each in a way of its own.
const agents = () => [
  functionAgent('first', { skills: { read: cannot('page 3 is a scan') } }),
  functionAgent('other', { skills: { read: cannot('no such alphabet') } }),
  functionAgent('third', { skills: { read: cannot('out of paper') } }),
  functionAgent('zoom', { skills: { read: () => (cured ? 'text' : cannot('lamp broken')()) } }),
];
const flow = workflow('reading', async (run) => run.ask('read', 'a scan').catch(() => 'unread'));
/** Nothing is learned of who is good, so whoever comes first fails: cures alone can change what follows. */
const routing = {
  rules: [{ name: 'cheap', when: { length: { atMost: 1_000 } }, prefer: 'cost' as const }],
  choose: 'fixed' as const,
};

async function asked(site: Site): Promise<EventOf<'attempt.begun'>[]> {
  const handle = await site.start(flow);
  await handle.output();
  const all: EventOf<'attempt.begun'>[] = [];
  for await (const { event } of site.watch(handle.run)) if (event.type === 'attempt.begun') all.push(event);
  expect(await replay(site.store, handle.run)).toMatchObject({ equal: true });
  return all;
}

test('used first, by the next worker too, and forgotten when it stops helping', async () => {
  const store = await openStore('memory:');
  const open = () => openSite({ store, agents: agents(), routing, health: false, workflows: [flow] });
  const names = (all: EventOf<'attempt.begun'>[]) => all.map((one) => one.agent);
  let site = await open();
  const naive = names(await asked(site));
  expect(naive).toEqual(['first', 'other', 'third', 'zoom']);
  const knowing = await asked(site);
  expect(names(knowing)).toEqual(['first', 'zoom']);
  expect(knowing.at(-1)).toMatchObject({ chosen: { remembered: 0.5 } });
  await site.stop();
  site = await open();
  expect((await asked(site)).at(-1)).toMatchObject({ chosen: { remembered: 0.75 } });
  await site.stop();
  cured = false;
  site = await open();
  for (let i = 0; i < 3; i++) await asked(site);
  expect(names(await asked(site))).toEqual(['first', 'other', 'third', 'zoom']);
  await site.stop();
  await store.close();
});

test('of several workers: what one learned another knows, and each keeps its own', () => {
  const facts = createFacts();
  const cures = createCures(facts);
  facts.others([{ position: 0, figures: {}, kept: { cures: { 's\ny': { sign: 0.5 } } } }]);
  expect(cures.of('y', 's')).toEqual({ sign: 0.5 });
  expect(facts.save().kept.cures).toEqual({});
  facts.others([]);
  expect(cures.of('y', 's')).toBeUndefined();
});

test('of several workers: what stopped helping here is forgotten here, whatever another still believes', () => {
  const facts = createFacts();
  const cures = createCures(facts);
  const fault = faultToData(new Fault('agent.failed', 'disk full'));
  const believed = { [failureSign('x', fault)]: 0.9 };
  const others = () => facts.others([{ position: 0, figures: {}, kept: { cures: { 's\ny': believed } } }]);
  others();
  const step = {
    id: 'one',
    spec: { skill: 's' },
    attempts: [
      { n: 1, agent: 'x', status: 'failed', fault },
      { n: 2, agent: 'y', status: 'open' },
    ],
  } as StepState;
  const state = { ...newRunState('r'), steps: new Map([['one', step]]) };
  const end = { type: 'attempt.ended', step: 'one', n: 2, fault } as Event;
  const decide = cures.learning(() => ({ events: [end], commands: [], send: [], take: [] }) as never);
  for (let i = 0; i < 2; i++) decide(state, { in: 'answer', step: 'one', n: 2, fault }, 0);
  expect(cures.of('y', 's')).toBeUndefined();
  others();
  expect(cures.of('y', 's')).toBeUndefined();
});
