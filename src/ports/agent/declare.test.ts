import { expect, test } from 'vitest';
import { cardOf } from './card.ts';
import { foreignSkill, kindOf, openAgents, readAgentDeclaration } from './declare.ts';
import { functionAgent } from './function.ts';
import { kinds } from './kinds.ts';

const skills = [{ name: 'write', effect: 'pure' }];

test('the kind is the member that is there', () => {
  expect(kindOf(readAgentDeclaration({ name: 'a', llm: 'ollama/llama3.2', skills }))).toBe('llm');
  expect(kindOf(readAgentDeclaration({ name: 'a', mcp: { command: ['server'] } }))).toBe('mcp');
  expect(kindOf(readAgentDeclaration({ name: 'a', a2a: 'https://example.com' }))).toBe('a2a');
  expect(kindOf(readAgentDeclaration({ name: 'a', process: ['python3', 'x.py'], skills }))).toBe('process');
});

test.for([
  [{}, 'an agent says of no kind that it is: give one of llm, mcp, a2a, process'],
  [null, 'an agent says of no kind'],
  [{ name: 'b', skills }, "agent 'b' says of no kind"],
  [{ name: 'b', llm: 'x/y', a2a: 'https://e.com' }, "agent 'b' says that it is llm and a2a"],
  [{ name: 'b', llm: 'gpt', skills }, "agent 'b' is not declared well: llm: name it provider/model"],
  [{ name: 'b', llm: 'x/y', skills: [] }, 'skills: name at least one skill'],
  [{ name: 'b', llm: 'x/y', skills, modle: 1 }, 'modle'],
  [{ name: 'b', process: ['x'], skills: [{ name: 's', effect: 'harmless' }] }, 'skills.0.effect'],
  [{ name: 'b', a2a: 'file:///etc/passwd' }, 'a2a'],
  [{ name: '#', llm: 'x/y', skills }, "'#' is no name"],
  [
    { name: 'b', mcp: { url: 'http://x', tokenEnf: 'T' } },
    "mcp: 'tokenEnf' is no word here (did you mean 'tokenEnv'?)",
  ],
  [{ name: 'b', a2a: 7 }, 'a2a: expected string, received number, or expected object'],
  [{ name: 'b', a2a: { url: 7 } }, 'a2a.url: Invalid input: expected string'],
  [{ name: 'b', mcp: { url: 'http://u:secret-7@x/mcp' } }, 'mcp.url: holds credentials'],
  [{ name: 'b', a2a: 'http://u:secret-7@x/' }, 'a2a: holds credentials'],
  [{ name: 'b', a2a: { url: 'http://u:secret-7@x/' } }, 'a2a.url: holds credentials'],
  [{ name: 'b', llm: 'x/y', skills, baseUrl: 'http://u:secret-7@x/' }, 'baseUrl: holds credentials'],
] as const)('what is declared wrongly is said with its place: %j', ([given, said]) => {
  expect(() => readAgentDeclaration(given)).toThrow(said);
  // What is refused is not said back.
  expect(() => readAgentDeclaration(given)).not.toThrow('secret-7');
});

test('a skill of every kind may say how often it gives a sign of life', async () => {
  const beating = [{ name: 's', effect: 'pure', beatMs: 500 }];
  for (const kind of [{ mcp: { url: 'http://x' } }, { a2a: 'http://x' }, { process: ['x'] }, { llm: 'x/y' }])
    expect(readAgentDeclaration({ name: 'b', ...kind, skills: beating }).skills).toEqual(beating);
  expect(() => readAgentDeclaration({ name: 'b', process: ['x'], skills: [{ name: 's', beatMs: 0 }] })).toThrow(
    'skills.0.beatMs',
  );
});

test('a foreign skill that declares no effect is irreversible, and its card says that nobody declared it', () => {
  expect(foreignSkill({ name: 's' })).toEqual({ name: 's', effect: 'irreversible', undeclared: true });
  expect(foreignSkill({ name: 's', effect: 'pure' })).toEqual({ name: 's', effect: 'pure' });
});

test('one card for every agent', () => {
  const agent = functionAgent('a', { skills: { s: { effect: 'reversible', run: () => 1, undo: () => {} } } });
  expect(cardOf(agent)).toMatchObject({
    name: 'a',
    kind: 'function',
    version: '1',
    skills: [{ name: 's', effect: 'reversible', undoes: true }],
  });
});

test('all are opened or none: those that were open are closed', async () => {
  const before = { ...kinds };
  let closed = 0;
  kinds.process = async () => ({
    open: (one) => {
      if (one.name === 'bad') throw new Error('no such command');
      return { ...functionAgent(one.name, { skills: { s: () => 1 } }), close: () => void closed++ };
    },
  });
  const environment = { env: {}, clock: undefined as never };
  const one = (name: string) => ({ name, process: ['x'], skills });
  try {
    expect((await openAgents([one('a'), one('b')], environment)).map((a) => a.name)).toEqual(['a', 'b']);
    await expect(openAgents([one('a'), one('bad')], environment)).rejects.toThrow('no such command');
    expect(closed).toBe(1);
    await expect(openAgents([one('a'), one('a')], environment)).rejects.toThrow("two agents are named 'a'");
  } finally {
    Object.assign(kinds, before);
  }
});
