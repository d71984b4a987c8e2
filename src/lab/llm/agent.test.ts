import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { workflow } from '../../author/index.ts';
import type { Fault, Json } from '../../base/index.ts';
import { type Agent, functionAgent, openAgent, readAgentDeclaration } from '../../ports/agent/index.ts';
import { openStore } from '../../ports/store/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite, type Site } from '../../site/site.ts';
import { type Brain, type LlmServer, type LlmTrouble, openLlmServer } from './index.ts';

const KEY = 'sk-test-0123456789abcdef';
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function server(troubles: (LlmTrouble | undefined)[] = [], brain?: Brain): Promise<LlmServer> {
  const made = await openLlmServer({ troubles, brain, key: KEY, slowMs: 50 });
  opened.push(made);
  return made;
}

async function model(at: LlmServer, name: string, more: Record<string, Json> = {}): Promise<Agent> {
  const skills = [{ name: 'say' }];
  const given = { name, llm: 'local/echo', baseUrl: at.url, keyEnv: 'LOCAL_KEY', skills, ...more };
  return await openAgent(readAgentDeclaration(given), { env: { LOCAL_KEY: KEY }, clock: realClock });
}

async function site(agents: Agent[], store: Parameters<typeof openSite>[0] = {}): Promise<Site> {
  const made = await openSite({ agents, ...store });
  opened.push({ close: () => made.stop({ graceMs: 0 }) });
  return made;
}

const say = workflow('say', async (run, input: string) => await run.ask<string>('say', input, { timeoutMs: 2_000 }));
const shape = z.object({ city: z.string(), people: z.number() });
const facts = workflow('facts', (run) => run.ask('say', 'Bern', { output: shape, timeoutMs: 2_000 }));

async function journal(at: Site, run: string): Promise<string> {
  const events: unknown[] = [];
  for await (const { event } of at.watch(run, { live: false })) events.push(event);
  return JSON.stringify(events);
}

test('a model answers, its tokens and money are counted, and who watches reads along', async () => {
  const at = await server();
  const here = await site([await model(at, 'echo', { tokenPrice: { input: 1000, output: 2000 } })]);
  const text = 'Grüße, 世界 🌍, from a long enough text';
  const handle = await here.start(say, text, { id: 'r_1' });
  let heard = '';
  here.listen('r_1', (piece) => (heard += piece.text));
  const { output, spent } = await handle.result();
  expect(output).toBe(text);
  expect(heard).toBe(text);
  expect(spent.tokens).toBeGreaterThan(10);
  expect(spent.money).toBeGreaterThan(0.01);
  expect(await journal(here, 'r_1')).toContain(
    '"usage":{"inputTokens":17,"model":"local/echo","outputTokens":10,"turns":1}',
  );
});

test('an answer fits the schema of its step; one that does not is mended', async () => {
  const at = await server(['broken-json', 'wrong-json']);
  const here = await site([await model(at, 'echo')]);
  expect(await (await here.start(facts)).output()).toEqual({ city: 'Bern', people: 0 });
  expect(at.requests.length).toBe(3);
  expect(JSON.stringify(at.requests[2]!.messages)).toContain('city');
});

test('a schema whose root is no object is wrapped on the way, and unwrapped', async () => {
  const at = await server();
  const here = await site([await model(at, 'echo')]);
  const flow = workflow('list', (run) => run.ask('say', 'x', { output: z.array(z.string()) }));
  expect(await (await here.start(flow)).output()).toEqual([]);
  expect(at.requests[0]!.response_format?.json_schema?.schema).toMatchObject({ type: 'object' });
});

/** What each trouble comes to, when one call of ten has it and another agent stands by. */
test.for<[LlmTrouble, 'retry' | 'elsewhere' | 'none']>([
  ['slow', 'none'],
  ['odd-stream', 'none'],
  ['rate-limit', 'retry'],
  ['overloaded', 'retry'],
  ['server-error', 'retry'],
  ['hang-up', 'retry'],
  ['broken-body', 'retry'],
  ['cut-stream', 'retry'],
  ['error-in-stream', 'retry'],
  ['empty', 'retry'],
  ['truncate', 'elsewhere'],
  ['filter', 'elsewhere'],
  ['quota', 'elsewhere'],
  ['too-long', 'elsewhere'],
  ['key', 'elsewhere'],
  ['hang', 'elsewhere'],
])('%s: healed by %s', async ([trouble, by]) => {
  const at = await server([trouble]);
  const other = functionAgent('other', { skills: { say: (input: string) => input } });
  // The first in order is asked first.
  const here = await site([await model(at, 'a'), other], { routing: { choose: 'fixed' } });
  // Only a hang has to be waited out.
  const timeoutMs = trouble === 'hang' ? 400 : 10_000;
  const flow = workflow('say', async (run, input: string) => await run.ask<string>('say', input, { timeoutMs }));
  const handle = await here.start(flow, 'hello', { id: 'r_1' });
  expect(await handle.output()).toBe('hello');
  const text = await journal(here, 'r_1');
  expect(text).not.toContain(KEY);
  const healed = /"fault.healed","step":"say","by":"(\w+)"/.exec(text)?.[1] ?? 'none';
  expect(healed).toBe(by);
});

/** With nobody else there, what waiting does not mend is escalated, and says what to do. */
test.for<[LlmTrouble, Fault['code']]>([
  ['truncate', 'output.invalid'],
  ['filter', 'agent.refused'],
  ['quota', 'agent.refused'],
  ['too-long', 'input.too-large'],
  ['key', 'agent.refused'],
  ['broken-json', 'output.invalid'],
])('%s with nobody else: %s', async ([trouble, code]) => {
  const at = await server([trouble, trouble, trouble, trouble]);
  const here = await site([await model(at, 'a')]);
  const { fault } = await (await here.start(facts, undefined, { id: 'r_1' })).result();
  expect(fault?.code).toBe(code);
  const text = await journal(here, 'r_1');
  expect(text).toContain('"fault.escalated"');
  expect(text + JSON.stringify(fault)).not.toContain(KEY);
});

test('the key is never said, not even when the model says it', async () => {
  const at = await server([], () => ({ text: `I was given ${KEY}.` }));
  const here = await site([await model(at, 'a', { stream: false })]);
  expect(await (await here.start(say, 'x')).output()).toBe('I was given [key].');
});

test('a key that is not there is named, not its value', async () => {
  const given = { name: 'a', llm: 'anthropic/claude-sonnet-4-5', skills: [{ name: 'say' }] };
  const agent = await openAgent(readAgentDeclaration(given), { env: {}, clock: realClock });
  const here = await site([agent]);
  const { fault } = await (await here.start(say, 'x')).result();
  expect(fault?.message).toContain('set ANTHROPIC_API_KEY');
});

test('a ceiling on the step bounds the answer; what leaves no room is not sent', async () => {
  const at = await server();
  const here = await site([await model(at, 'a')]);
  const flow = workflow('few', (run, tokens: number) => run.ask('say', 'hello', { ceiling: { tokens } }));
  await (await here.start(flow, 200, { budget: { tokens: 1000 } })).output();
  expect(at.requests[0]!.max_tokens).toBeLessThan(200);
  const { fault } = await (await here.start(flow, 3, { budget: { tokens: 1000 } })).result();
  expect(fault?.code).toBe('budget.spent');
  expect(at.requests.length).toBe(1);
});

const searcher: Brain = (request) => {
  const results = request.messages.filter((one) => one.role === 'tool');
  if (results.length === 0)
    return {
      calls: [
        { name: 'look_up', input: '{"word":"skein"}' },
        { name: 'look_up', input: '{"word":"geese"}' },
      ],
    };
  if (results.length === 2) return { calls: [{ name: 'note', input: '{"text":"both found"}' }] };
  return { text: `done after ${results.length}` };
};

const input = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] };

function tools(notes: string[]): Agent {
  const agent = functionAgent('tools', {
    skills: {
      'look up': (given: { word: string }) => `${given.word} is a word`,
      note: { effect: 'idempotent', keyed: true, run: (given: { text: string }) => void notes.push(given.text) },
    },
  });
  const [lookUp, note] = agent.skills;
  return { ...agent, skills: [{ ...lookUp!, input }, note!] };
}

test('with tools each turn and each tool call is a step, in a run of their own', async () => {
  const at = await server([], searcher);
  const notes: string[] = [];
  const here = await site([tools(notes), await model(at, 'a', { tools: ['look up', 'note'] })]);
  const { run } = await here.start(say, 'find it');
  expect((await here.handle(run).result()).output).toBe('done after 3');
  expect(notes).toEqual(['both found']);
  const inner = (await here.runs({ workflow: 'model-turns' })).runs[0]!.run;
  const text = await journal(here, inner);
  const begun = [...text.matchAll(/"attempt.begun","step":"([^"]+)"/g)].map((found) => found[1]!);
  expect(begun.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'tool#2.1 note',
    'tools#1/1/tool#1.1 look up',
    'tools#1/2/tool#1.2 look up',
    'turn#1',
    'turn#2',
    'turn#3',
  ]);
});

test('a limit on calls at one time is one on turns: who waits for a turn does not take its place', async () => {
  const at = await server([], searcher);
  const limits = { atOnce: 1 };
  const here = await site([tools([]), await model(at, 'a', { tools: ['look up', 'note'], limits })]);
  const runs = await Promise.all([1, 2, 3].map((n) => here.start(say, `find ${n}`)));
  expect(await Promise.all(runs.map((run) => run.output()))).toEqual(Array(3).fill('done after 3'));
});

test('killed between two turns, the run goes on: a turn that was answered is not paid again', async () => {
  const store = await openStore('memory:');
  const at = await server([], searcher);
  const notes: string[] = [];
  const first = await site([tools(notes), await model(at, 'a', { tools: ['look up', 'note'] })], {
    store,
    workflows: [say],
  });
  at.troubles.push(undefined, 'hang');
  const { run } = await first.start(say, 'find it');
  while (at.requests.length < 2) await new Promise((next) => setTimeout(next, 5));
  await first.stop({ graceMs: 0 });
  const second = await site([tools(notes), await model(at, 'a', { tools: ['look up', 'note'] })], {
    store,
    workflows: [say],
  });
  expect((await second.handle(run).result()).output).toBe('done after 3');
  // Three turns, of which the one that was under way when the worker went was asked for twice.
  expect(at.requests.length).toBe(4);
  expect(notes).toEqual(['both found']);
});

test('a tool that is irreversible waits for a person, and what the person says is told to the model', async () => {
  const seen: string[] = [];
  const brain: Brain = (request) => {
    const result = request.messages.find((one) => one.role === 'tool');
    if (result === undefined) return { calls: [{ name: 'send', input: '{"to":"all"}' }] };
    return { text: typeof result.content === 'string' ? result.content : JSON.stringify(result.content) };
  };
  const at = await server([], brain);
  const mail = functionAgent('mail', {
    skills: { send: { effect: 'irreversible', run: (given: { to: string }) => void seen.push(given.to) } },
  });
  const here = await site([mail, await model(at, 'a', { tools: ['send'] })]);
  const { run } = await here.start(say, 'tell all');
  const until = async (): Promise<string> => {
    for (;;) {
      const found = (await here.runs({ workflow: 'model-turns' })).runs[0];
      if (found !== undefined) return found.run;
      await new Promise((next) => setTimeout(next, 5));
    }
  };
  const inner = await until();
  const gate = await here.handle(inner).untilAsked('tool#1.1 send');
  expect(gate).toMatchObject({ step: 'tool#1.1 send' });
  expect(seen).toEqual([]);
  await here.deny(inner, 'tool#1.1 send', { reason: 'not to all' });
  expect((await here.handle(run).result()).output).toContain('gate.denied');
  expect(seen).toEqual([]);
});

test.for<[LlmTrouble, string]>([
  ['no-such-tool', "there is no tool 'no_such_tool'"],
  ['broken-call', 'the input is no JSON'],
])('%s: the model is told, and goes on', async ([trouble, told]) => {
  const at = await server([trouble], (request) =>
    request.messages.some((one) => one.role === 'tool')
      ? { text: 'well' }
      : { calls: [{ name: 'look_up', input: '{}' }] },
  );
  const here = await site([tools([]), await model(at, 'a', { tools: ['look up'] })]);
  expect(await (await here.start(say, 'x')).output()).toBe('well');
  expect(JSON.stringify(at.requests[1]!.messages)).toContain(told);
});
