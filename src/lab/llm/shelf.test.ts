/** A model with many tools: what it is shown, what it finds, what it names unasked, and what the journal has of it. */
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import type { Json } from '../../base/index.ts';
import { type Agent, functionAgent, openAgent, readAgentDeclaration } from '../../ports/agent/index.ts';
import { openStore, type Store } from '../../ports/store/index.ts';
import { realClock } from '../../site/clock.ts';
import { replay } from '../../site/replay.ts';
import { openSite } from '../../site/site.ts';
import { type Brain, type ChatRequest, openLlmServer } from './index.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const THINGS = ['invoice', 'flight', 'patient', 'parcel', 'meeting', 'contract', 'ticket', 'recipe', 'photo', 'loan'];
const DEEDS = ['create', 'list', 'delete', 'update', 'search', 'export'];
const schema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };

function tool(name: string, acted: string[]) {
  const [deed, thing] = name.split(' ');
  return {
    description: `${deed} one ${thing}; needs its id`,
    effect: 'idempotent' as const,
    keyed: true,
    run: ({ id }: { id: string }) => {
      acted.push(`${name} ${id}`);
      return `${name}: done`;
    },
  };
}

function shop(acted: string[], deeds = DEEDS): Agent {
  const names = deeds.flatMap((deed) => THINGS.map((thing) => `${deed} ${thing}`));
  const agent = functionAgent('shop', { skills: Object.fromEntries(names.map((name) => [name, tool(name, acted)])) });
  // As an MCP server's tools have them.
  return { ...agent, skills: agent.skills.map((skill) => Object.assign(skill, { input: schema })) };
}

async function work(brain: Brain, more: Record<string, Json> = {}, input = 'Delete the flight F7.') {
  const server = await openLlmServer({ brain });
  const acted: string[] = [];
  const given = {
    name: 'clerk',
    llm: 'local/m',
    baseUrl: server.url,
    skills: [{ name: 'help' }],
    tools: ['@shop'],
    ...more,
  };
  const clerk = await openAgent(readAgentDeclaration(given), { env: {}, clock: realClock });
  const store: Store = await openStore('memory:');
  const site = await openSite({ store, agents: [shop(acted), clerk] });
  opened.push(async () => {
    await site.stop({ graceMs: 0 });
    await server.close();
    await store.close();
  });
  const flow = workflow('ask', (run, text: string) => run.ask<string>('help', text));
  const result = await (await site.start(flow, input, { id: 'r_1' })).result();
  const { runs } = await site.runs();
  return {
    site,
    store,
    acted,
    result,
    requests: server.requests,
    turns: runs.find((one) => one.workflow === 'model-turns'),
  };
}

const shown = (request: ChatRequest): string[] => (request.tools ?? []).map((one) => one.function.name);
const answers = (request: ChatRequest): string[] =>
  request.messages.filter((one) => one.role === 'tool').map((one) => JSON.stringify(one.content));

/** Calls these one after the other, then says what it was told last. */
function calling(...calls: { name: string; input: string }[]): Brain {
  return (request) => {
    const told = answers(request);
    const next = calls[told.length];
    return next === undefined ? { text: told.at(-1) ?? 'nothing' } : { calls: [next] };
  };
}

test('of sixty tools the model is shown the eight that fit its task; the journal says what that spares, and replays equal', async () => {
  const { store, acted, result, requests, turns, site } = await work(
    calling({ name: 'delete_flight', input: '{"id":"F7"}' }),
  );
  expect(result).toMatchObject({ outcome: 'completed', output: expect.stringContaining('delete flight: done') });
  expect(acted).toEqual(['delete flight F7']);
  expect(shown(requests[0]!)).toHaveLength(9);
  expect(shown(requests[0]!)).toEqual(expect.arrayContaining(['delete_flight', 'find_tools']));
  const { steps } = await site.state(turns!.run);
  const found = steps.get('shelf#first')!.output as { of: number; tokens: { all: number; shown: number } };
  expect(found.of).toBe(60);
  expect(found.tokens.shown).toBeLessThan(found.tokens.all / 5);
  expect(await replay(store, turns!.run)).toMatchObject({ equal: true });
});

test('what is not on the shelf is found by `find_tools`, and can then be called', async () => {
  const find = { name: 'find_tools', input: '{"what":"export a recipe"}' };
  const { acted, requests, store, turns } = await work(calling(find, { name: 'export_recipe', input: '{"id":"R1"}' }));
  expect(shown(requests[0]!)).not.toContain('export_recipe');
  expect(answers(requests[1]!)[0]).toContain('export_recipe');
  expect(shown(requests[1]!)).toEqual(expect.arrayContaining(['export_recipe', 'delete_flight']));
  expect(acted).toEqual(['export recipe R1']);
  expect(await replay(store, turns!.run)).toMatchObject({ equal: true });
});

test('a tool that the model names without having been shown it is fetched; its input is checked all the same', async () => {
  const wrong = { name: 'list_loan', input: '{"number":1}' };
  const { acted, requests } = await work(calling(wrong, { name: 'list_loan', input: '{"id":"L1"}' }));
  expect(shown(requests[0]!)).not.toContain('list_loan');
  expect(answers(requests[1]!)[0]).toMatch(/does not fit the tool's schema/);
  expect(shown(requests[1]!)).toContain('list_loan');
  expect(acted).toEqual(['list loan L1']);
});

test('one that is nowhere, and one that the agent may not call, are no tools: the model is told so', async () => {
  const calls = ['fly_to_mars', 'help', 'list_loan'].map((name) => ({ name, input: '{"id":"1"}' }));
  const { acted, requests, result } = await work(calling(...calls), { tools: ['delete*', 'update*', 'create*'] });
  expect(answers(requests[3]!)).toEqual(calls.map(({ name }) => expect.stringContaining(`there is no tool '${name}'`)));
  expect(acted).toEqual([]);
  expect(result.outcome).toBe('completed');
});

test('the shelf stays small however much is looked for, and keeps what was called', async () => {
  const searches = THINGS.map((thing) => ({
    name: 'find_tools',
    input: JSON.stringify({ what: `search and list ${thing}` }),
  }));
  const first = { name: 'delete_flight', input: '{"id":"F7"}' };
  const { requests } = await work(calling(first, ...searches), { shelf: { show: 3 } });
  const last = shown(requests.at(-1)!);
  expect(last.length).toBeLessThanOrEqual(3 * 4 + 1);
  expect(last).toContain('delete_flight');
});

test('few tools, and many without a shelf, are all shown', async () => {
  const all = await work(calling(), { shelf: false });
  expect(shown(all.requests[0]!)).toHaveLength(60);
  expect(all.turns!.workflow).toBe('model-turns');
  const few = await work(calling(), { tools: ['delete*', 'list flight'] });
  expect(shown(few.requests[0]!)).toHaveLength(11);
});

test('a pure skill is shown pure tools only where a pattern names them', async () => {
  const { requests, result } = await work(calling(), { skills: [{ name: 'help', effect: 'pure' }] });
  expect(result.outcome).toBe('completed');
  expect(shown(requests[0]!)).toEqual([]);
});

test('tools come and go with their agents: a shelf follows', async () => {
  const { site, requests } = await work(calling());
  const flow = workflow('again', (run, text: string) => run.ask<string>('help', text));
  site.agents.add(functionAgent('zoo', { skills: { 'delete walrus': tool('delete walrus', []) } }));
  site.agents.remove('shop');
  site.agents.add(shop([], ['delete', 'list', 'rename']));
  await (await site.start(flow, 'Rename the parcel.')).result();
  expect(shown(requests.at(-1)!)).toEqual(expect.arrayContaining(['rename_parcel', 'find_tools']));
  expect(shown(requests.at(-1)!)).not.toContain('delete_walrus');
});
