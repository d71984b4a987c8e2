// Every provider's own adapter against its own wire: answers, streams, schemas, tools, bills and troubles.
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { workflow } from '../../author/index.ts';
import type { Json } from '../../base/index.ts';
import { type Agent, functionAgent, openAgent, readAgentDeclaration } from '../../ports/agent/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite, type Site } from '../../site/site.ts';
import { type Brain, type LlmServer, type LlmTrouble, openLlmServer } from './index.ts';

const KEY = 'sk-test-0123456789abcdef';
const TEST_MS = 30_000;
const TIMEOUT_MS = 15_000;
/** By the provider's usual names. */
const PROVIDERS: Record<string, { model: string; env: Record<string, string> }> = {
  openai: { model: 'openai/gpt-4.1', env: { OPENAI_API_KEY: KEY } },
  anthropic: { model: 'anthropic/claude-sonnet-4-5', env: { ANTHROPIC_API_KEY: KEY } },
  // A schema goes to this one as a tool.
  'anthropic, older': { model: 'anthropic/claude-3-5-haiku-latest', env: { ANTHROPIC_API_KEY: KEY } },
  google: { model: 'google/gemini-2.5-flash', env: { GEMINI_API_KEY: KEY } },
  bedrock: {
    model: 'bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0',
    env: { AWS_BEARER_TOKEN_BEDROCK: KEY, AWS_REGION: 'eu-central-1' },
  },
};
const PRICE = { input: 1_000, output: 2_000, cachedInput: 100, cacheWrite: 1_250 };

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function server(troubles: (LlmTrouble | undefined)[] = [], brain?: Brain): Promise<LlmServer> {
  const made = await openLlmServer({ troubles, brain, key: KEY, slowMs: 50 });
  opened.push(() => made.close());
  return made;
}

async function model(at: LlmServer, provider: string, more: Record<string, Json> = {}): Promise<Agent> {
  const { model: llm, env } = PROVIDERS[provider]!;
  const given = { name: 'model', llm, baseUrl: at.url, skills: [{ name: 'say' }], ...more };
  const prices = { [llm]: PRICE };
  return await openAgent(readAgentDeclaration(given), { env, clock: realClock, prices });
}

async function site(agents: Agent[]): Promise<Site> {
  const made = await openSite({ agents, routing: { choose: 'fixed' } });
  opened.push(() => made.stop({ graceMs: 0 }));
  return made;
}

async function journal(at: Site, run: string): Promise<string> {
  const events: unknown[] = [];
  for await (const { event } of at.watch(run, { live: false })) events.push(event);
  return JSON.stringify(events);
}

function usagesIn(text: string): Record<string, number>[] {
  return [...text.matchAll(/"usage":(\{[^}]*\})/g)].map((found) => JSON.parse(found[1]!) as Record<string, number>);
}

const say = workflow('say', (run, input: string) => run.ask<string>('say', input, { timeoutMs: TIMEOUT_MS }));
const shape = z.object({ city: z.string(), people: z.number() });
const facts = workflow('facts', (run) => run.ask('say', 'Bern', { output: shape, timeoutMs: TIMEOUT_MS }));

const searcher: Brain = (request) => {
  const results = request.messages.filter((one) => one.role === 'tool');
  if (results.length > 0) return { text: `done: ${JSON.stringify(results[0]!.content)}` };
  return { text: 'I look.', calls: [{ name: 'look_up', input: '{"word":"skein"}' }] };
};

function lookUp(): Agent {
  const agent = functionAgent('tools', {
    skills: { 'look up': (given: { word: string }) => `${given.word} is a word` },
  });
  const input = { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] };
  return { ...agent, skills: [{ ...agent.skills[0]!, input }] };
}

describe.for(Object.keys(PROVIDERS))('%s', { timeout: TEST_MS }, (provider) => {
  test.for([true, false])('answers, is billed, and is read along with (stream: %s)', async (stream) => {
    const at = await server();
    const here = await site([await model(at, provider, { stream })]);
    const text = 'Grüße, 世界 🌍, from a long enough text';
    const handle = await here.start(say, text, { id: 'r_1' });
    let heard = '';
    here.listen('r_1', (piece) => (heard += piece.text));
    const { output, spent } = await handle.result();
    expect(output).toBe(text);
    expect(heard).toBe(stream ? text : '');
    expect(at.requests[0]!.stream === true).toBe(stream);
    const [usage] = usagesIn(await journal(here, 'r_1'));
    expect(usage).toMatchObject({ turns: 1, model: PROVIDERS[provider]!.model });
    expect(usage!['inputTokens']).toBeGreaterThan(5);
    expect(usage!['outputTokens']).toBeGreaterThan(5);
    const { inputTokens = 0, outputTokens = 0 } = usage!;
    expect(spent).toMatchObject({ tokens: inputTokens + outputTokens });
    expect(spent.money).toBeCloseTo((inputTokens * PRICE.input + outputTokens * PRICE.output) / 1e6, 6);
  });

  test('a schema goes to it in its own way; an answer that does not fit is mended, at most twice', async () => {
    const at = await server(['wrong-json', 'wrong-json']);
    const here = await site([await model(at, provider)]);
    expect(await (await here.start(facts)).output()).toEqual({ city: 'Bern', people: 0 });
    expect(at.requests.map((one) => one.response_format?.json_schema?.schema)).toEqual(
      Array(3).fill(expect.objectContaining({ properties: expect.objectContaining({ city: { type: 'string' } }) })),
    );
    at.troubles.push('wrong-json', 'wrong-json', 'wrong-json');
    const { fault } = await (await here.start(facts)).result();
    expect(fault?.code).toBe('output.invalid');
    expect(at.requests).toHaveLength(6);
  });

  test.for([true, false])('calls tools; what its cache saved is told and billed (stream: %s)', async (stream) => {
    const at = await server([], searcher);
    const instructions = 'Look it up.';
    const here = await site([lookUp(), await model(at, provider, { tools: ['look up'], stream, instructions })]);
    const { run } = await here.start(say, 'find it');
    const { output, spent } = await here.handle(run).result();
    expect(output).toContain('skein is a word');
    expect(at.requests[0]!.tools?.map((one) => one.function.name)).toEqual(['look_up']);
    expect(at.requests[1]!.messages.map((one) => one.role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(at.requests[1]!.messages[2]).toMatchObject({ content: 'I look.' });
    const inner = (await here.runs({ workflow: 'model-turns' })).runs[0]!.run;
    const [, second] = usagesIn(await journal(here, inner));
    expect(second!['cachedTokens']).toBeGreaterThan(5);
    const turns = usagesIn(await journal(here, inner)).slice(0, 2);
    const money = turns.reduce((sum, usage) => {
      const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0 } = usage;
      const fresh = inputTokens - cachedTokens - cacheWriteTokens;
      const read = cachedTokens * PRICE.cachedInput + cacheWriteTokens * PRICE.cacheWrite;
      return sum + (fresh * PRICE.input + read + outputTokens * PRICE.output) / 1e6;
    }, 0);
    expect(spent.money).toBeCloseTo(money, 6);
  });

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
  ])('%s: healed by %s, and the key is not said', async ([trouble, by]) => {
    const at = await server([trouble]);
    // The dearer one is asked after it.
    const other = functionAgent('other', { skills: { say: { price: { money: 900 }, run: (input: string) => input } } });
    const here = await site([await model(at, provider), other]);
    const handle = await here.start(say, 'hello', { id: 'r_1' });
    expect(await handle.output()).toBe('hello');
    const text = await journal(here, 'r_1');
    expect(text).not.toContain(KEY);
    expect(/"fault.healed","step":"say","by":"(\w+)"/.exec(text)?.[1] ?? 'none').toBe(by);
  });
});
