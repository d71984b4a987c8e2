import { expect, test } from 'vitest';
import { createSeededChance, Fault } from '../../base/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { createAgentBook } from '../agents.ts';
import { realClock } from '../clock.ts';
import { declareAgent, followKeptAgents, keptAgents, tryAgent, withdrawAgent } from './index.ts';

const WAIT = { timeout: 10_000 };
const declaration = (name: string) => ({ name, llm: 'ollama/llama3.2', skills: [{ name: 'say' }] });

async function place() {
  const store = await openStore('memory:');
  return { store, clock: realClock, chance: createSeededChance('registry') };
}

test('the last word about a name counts', async () => {
  const saying = await place();
  await declareAgent(saying, declaration('a'), 'ann');
  await declareAgent(saying, declaration('b'), 'ann');
  await expect(declareAgent(saying, declaration('a'), 'ben')).rejects.toThrow('kept already');
  await withdrawAgent(saying, 'a', 'ben');
  await expect(withdrawAgent(saying, 'a', 'ben')).rejects.toThrow('there are: b');
  await declareAgent(saying, { ...declaration('a'), llm: 'ollama/other' }, 'ben');
  const kept = await keptAgents(saying.store);
  expect(kept.map((one) => [one.declaration.name, one.by])).toEqual([
    ['b', 'ann'],
    ['a', 'ben'],
  ]);
  await expect(declareAgent(saying, { name: 'c' }, 'ann')).rejects.toThrow("agent 'c' says of no kind");
});

test('a running site takes up who is declared and lets go of who is withdrawn', async () => {
  const saying = await place();
  const agents = createAgentBook();
  const troubles: Fault[] = [];
  const following = await followKeptAgents({
    ...saying,
    agents,
    environment: { env: {}, clock: realClock },
    onTrouble: (fault) => troubles.push(fault),
    lookMs: 10,
  });
  await declareAgent(saying, declaration('a'), 'ann');
  await expect.poll(() => agents.list().map((agent) => agent.name), WAIT).toEqual(['a']);
  await declareAgent(saying, { name: 'x', process: ['no-such-command'], skills: [{ name: 's' }] }, 'ann');
  await expect
    .poll(() => troubles.map((fault) => fault.message), WAIT)
    .toEqual([expect.stringContaining('no-such-command')]);
  await withdrawAgent(saying, 'a', 'ann');
  await expect.poll(() => agents.list(), WAIT).toEqual([]);
  await declareAgent(saying, declaration('a'), 'ann');
  await expect.poll(() => agents.list().length, WAIT).toBe(1);
  await following.stop();
});

test('an agent that asks a person is tried, too: its question is what the trial came to', async () => {
  const ask = (): never => {
    throw new Fault('input.required', 'who?', { detail: { question: { key: 'k', message: 'who?' } } });
  };
  const agent = functionAgent('asker', { skills: { ask, send: { effect: 'irreversible', run: ask } } });
  const tried = await tryAgent({ agent, effects: true, timeoutMs: 5_000 });
  expect(tried).toMatchObject([
    { skill: 'ask', result: 'asks', fault: { code: 'input.required' } },
    { skill: 'send', result: 'asks' },
  ]);
});
