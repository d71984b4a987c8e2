import { expect, test } from 'vitest';
import { createHashedEmbedder, type Embedder } from '../../ports/index/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { createAgentBook } from '../agents.ts';
import { createBm25 } from './bm25.ts';
import { createNearIndex } from './near.ts';
import { createNearOffers } from './offers.ts';

const SAID: Record<string, string> = {
  flights: 'Search flights between two airports and book seats',
  hotels: 'Find hotels in a city and book rooms',
  weather: 'Weather forecast for a place and a day',
  invoices: 'Read an invoice and find its total, tax and due date',
  lawyer: 'Review contracts for risky clauses on liability',
};
const entries = Object.entries(SAID).map(([key, text]) => ({ key, text }));

test.for([
  ['I need a seat on an airplane: flights to Rome', 'flights'],
  ['what will the weather be on Sunday', 'weather'],
  ['check the liability clause of this contract', 'lawyer'],
  ['how much tax is on the invoice', 'invoices'],
])('%s: %s', ([text, key]) => {
  const index = createNearIndex({ embedder: createHashedEmbedder() });
  void index.put(entries);
  const [first] = index.nearest(text!, 3) as { agent: string; near: number }[];
  expect(first?.agent).toBe(key);
  expect(first?.near).toBeGreaterThan(0);
  expect(first?.near).toBeLessThanOrEqual(1.001);
});

test('a rare word counts more than a common one; what is removed counts no more', () => {
  const bm25 = createBm25();
  for (let i = 0; i < 20; i++) bm25.put(`k${i}`, `report number ${i}`);
  bm25.put('z', 'zebra number one');
  expect(bm25.scores('zebra report', ['z', 'k1', 'none'])).toEqual([
    expect.toSatisfy((score: number) => score > 2),
    expect.toSatisfy((score: number) => score > 0 && score < 1),
    0,
  ]);
  bm25.remove('z');
  expect(bm25.scores('zebra', ['z'])).toEqual([0]);
});

test('an embedder that answers later: what was changed meanwhile counts as it is now', async () => {
  const slow: Embedder = {
    ...createHashedEmbedder(),
    async embed(texts) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return createHashedEmbedder().embed(texts);
    },
  };
  const index = createNearIndex({ embedder: slow });
  const first = index.put([{ key: 'a', text: 'weather' }]);
  const second = index.put([{ key: 'a', text: 'flights' }]);
  await Promise.all([first, second]);
  expect((await index.nearest('flights', 1))[0]!.near).toBeGreaterThan(0.9);
});

test('agents that come, change and go are found as they are', async () => {
  const agents = createAgentBook();
  const near = createNearOffers(agents, createHashedEmbedder());
  const make = (name: string, description: string) =>
    functionAgent(name, { skills: { work: { description, run: () => 1 } } });
  for (const { key, text } of entries) agents.add(make(key, text));
  expect((await near.nearest('work', 'contract clauses', 1))[0]!.agent).toBe('lawyer');
  agents.remove('lawyer');
  expect((await near.nearest('work', 'contract clauses', 5)).map((one) => one.agent)).not.toContain('lawyer');
  agents.add(make('notary', 'contract clauses and deeds'));
  expect((await near.nearest('work', 'contract clauses', 1))[0]!.agent).toBe('notary');
});
