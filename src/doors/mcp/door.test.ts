import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { plan, workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import type { Principal } from '../../model/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite, type Site } from '../../site/site.ts';
import { createGuard, type GuardEnv, listen, tokenList } from '../guard/index.ts';
import { createMcpDoor } from './index.ts';

const ann: Principal = { id: 'ann', rights: ['run:start', 'agent:read', 'gate:answer', 'signal:*'] };
const bob: Principal = { id: 'bob', rights: ['run:start:double'] };

const double = workflow('double', { input: z.object({ n: z.number() }) }, async (run, { n }) => {
  const half = await run.ask('add', { a: n, b: n });
  return half;
});
const asks = plan('asks')
  .step('look', { gate: { right: 'gate:answer' }, with: { amount: 5 } })
  .give('${steps.look}')
  .workflow();
const sized = plan('sized', { input: { type: 'object', properties: { size: { type: 'number' } } } })
  .step('same', { ask: 'add', with: { a: '${input.size}', b: 0 } })
  .give('${steps.same}')
  .workflow();
const waits = workflow('waits', async (run) => run.signal('go'));
const adder = functionAgent('adder', {
  skills: { add: { description: 'adds two numbers', run: ({ a, b }: { a: number; b: number }) => a + b } },
});

const greets = workflow('greets', (run) => run.ask('greet', null));
const greeter = functionAgent('greeter', {
  skills: {
    greet: (_input, { answers = {} }) => {
      if (typeof answers['k'] === 'string') return `hello ${answers['k']}`;
      throw new Fault('input.required', 'who?', { detail: { question: { key: 'k', message: 'Your name?' } } });
    },
  },
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function openDoor(): Promise<{ url: string; site: Site }> {
  const site = await openSite({ agents: [adder, greeter], workflows: [double, asks, waits, greets, sized] });
  const door = await createMcpDoor({ site });
  const guard = createGuard({
    clock: realClock,
    audience: ['mcp'],
    tokens: tokenList([
      { token: 'a'.repeat(43), principal: ann },
      { token: 'b'.repeat(43), principal: bob },
      { token: 'x'.repeat(43), principal: ann, audience: ['a2a'] },
    ]),
  });
  const app = new Hono<GuardEnv>().use(guard.middleware).route('/mcp', door.app);
  const listening = await listen(app.fetch);
  open.push({ close: () => site.stop() }, door, listening);
  return { url: `${listening.url}/mcp`, site };
}

type Mode = 'legacy' | 'auto';

async function connect(url: string, token: string, mode: Mode, answers?: unknown): Promise<Client> {
  const capabilities = answers === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode }, capabilities });
  if (answers !== undefined)
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: answers as never }));
  const requestInit = { headers: { authorization: `Bearer ${token.repeat(43)}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  open.push(client);
  return client;
}

async function use(client: Client, name: string, input: Record<string, unknown> = {}, options = {}): Promise<any> {
  const result = await client.callTool({ name, arguments: input }, options);
  return result.structuredContent;
}

test.each<[Mode, string]>([
  ['legacy', '2025-11-25'],
  ['auto', '2026-07-28'],
])('a host runs, watches and reads by the %s wire (%s)', async (mode, revision) => {
  const { url } = await openDoor();
  const client = await connect(url, 'a', mode);
  expect(client.getNegotiatedProtocolVersion()).toBe(revision);
  const { tools } = await client.listTools();
  expect(tools.map((tool) => tool.name)).toEqual(
    expect.arrayContaining(['run_workflow', 'watch_run', 'answer_gate', 'search_agents', 'run_double']),
  );
  const told: string[] = [];
  const onprogress = ({ message }: { message?: string }): void => void told.push(message!);
  const done = await use(client, 'run_workflow', { workflow: 'double', input: { n: 21 } }, { onprogress });
  expect(done).toMatchObject({ status: 'ended', outcome: 'completed', output: 42 });
  expect(told).toContain('run.ended');
  expect(await use(client, 'run_double', { n: 4 })).toMatchObject({ output: 8 });
  expect((await client.callTool({ name: 'run_double', arguments: { n: 'four' } })).isError).toBe(true);
  const madeUp = await client.callTool({ name: 'run_double', arguments: { n: 4, m: 5 } });
  expect(madeUp).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('m') }] });
  for (const [name, given] of [
    ['run_asks', { input: 1, goal: 'x' }],
    ['run_sized', { size: 1, m: 2 }],
  ] as const)
    expect((await client.callTool({ name, arguments: given })).isError).toBe(true);
  expect(await use(client, 'run_sized', { size: 1 })).toMatchObject({ output: 1 });
  const page = await use(client, 'watch_run', { run: done.run, events: { after: 1, limit: 2 } });
  expect(page.events.map((event: { seq: number }) => event.seq)).toEqual([2, 3]);
  expect(page.next).toBe(3);
  const { contents } = await client.readResource({ uri: `skein://runs/${done.run}/journal` });
  const lines = (contents[0] as { text: string }).text.trim().split('\n');
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ type: 'run.ended' });
  expect((await client.listResources()).resources.map((one) => one.uri)).toContain(`skein://runs/${done.run}/journal`);
  expect((await use(client, 'search_agents', { query: 'numbers' })).agents).toMatchObject([{ name: 'adder' }]);
  expect((await use(client, 'search_agents', { query: 'poetry' })).agents).toEqual([]);
});

test.each<Mode>(['legacy', 'auto'])('a gate is put to the person at the host, %s', async (mode) => {
  const { url } = await openDoor();
  const client = await connect(url, 'a', mode, { choice: 'approve', reason: 'fine' });
  expect(await use(client, 'run_workflow', { workflow: 'asks' })).toMatchObject({
    outcome: 'completed',
    output: { choice: 'approve', by: 'ann' },
  });
});

test.each<Mode>(['legacy', 'auto'])(
  "an agent's question without a form is asked, and answered, in words, %s",
  async (mode) => {
    const { url } = await openDoor();
    const client = await connect(url, 'a', mode, { words: 'Ann' });
    const done = await use(client, 'run_workflow', { workflow: 'greets' });
    expect(done).toMatchObject({ outcome: 'completed', output: 'hello Ann' });
  },
);

test.each<Mode>(['legacy', 'auto'])('a host that cannot ask is told what the run waits for, %s', async (mode) => {
  const { url } = await openDoor();
  const client = await connect(url, 'a', mode);
  const open = await use(client, 'run_workflow', { workflow: 'asks' });
  expect(open).toMatchObject({ status: 'open', waitsFor: [{ step: 'look', asks: 'gate', show: { amount: 5 } }] });
  const word = { run: open.run, step: 'look', choice: 'edit', value: 7 };
  const answered = await use(client, 'answer_gate', word);
  expect(answered).toMatchObject({ answered: 'look', choice: 'edit' });
  expect(answered.waitsFor).toBeUndefined();
  expect(await use(client, 'watch_run', { run: open.run })).toMatchObject({ output: { choice: 'edit', value: 7 } });
});

test('a cancelled call leaves its run, unless it said to cancel it', async () => {
  const { url, site } = await openDoor();
  const client = await connect(url, 'a', 'auto');
  for (const onCancel of ['keep', 'cancel']) {
    const stop = new AbortController();
    const call = use(
      client,
      'run_workflow',
      { workflow: 'waits', id: `r-${onCancel}`, onCancel },
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort(), 300);
    await expect(call).rejects.toThrow();
  }
  expect(await site.handle('r-cancel').result()).toMatchObject({ outcome: 'cancelled' });
  expect((await site.state('r-keep')).phase).toBe('running');
  expect(await use(client, 'signal_run', { run: 'r-keep', name: 'go', data: 1 })).toMatchObject({ sent: 'go' });
  expect(await use(client, 'watch_run', { run: 'r-keep' })).toMatchObject({ outcome: 'completed' });
});

test("another's run, session and rights are out of reach", async () => {
  const { url } = await openDoor();
  const anns = await connect(url, 'a', 'auto');
  const bobs = await connect(url, 'b', 'auto');
  const { run } = await use(anns, 'run_double', { n: 1 });
  for (const [name, input] of [
    ['get_run', { run }],
    ['watch_run', { run }],
    ['cancel_run', { run, reason: 'spite' }],
    ['answer_gate', { run, step: 'look', choice: 'approve' }],
    ['signal_run', { run, name: 'go' }],
  ] as const)
    expect(await use(bobs, name, input)).toMatchObject({ fault: { code: 'not-found' } });
  expect(await use(bobs, 'list_runs')).toEqual({ runs: [] });
  expect((await bobs.listResources()).resources).toEqual([]);
  await expect(bobs.readResource({ uri: `skein://runs/${run}/journal` })).rejects.toThrow();
  expect(await use(bobs, 'run_workflow', { workflow: 'asks' })).toMatchObject({ fault: { code: 'rights.missing' } });
  expect(await use(bobs, 'run_workflow', { workflow: 'double', id: run })).toMatchObject({
    fault: { code: 'conflict' },
  });
  expect(await use(bobs, 'search_agents')).toMatchObject({ fault: { code: 'rights.missing' } });
  expect((await bobs.listTools()).tools.map((tool) => tool.name)).not.toContain('run_asks');
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  };
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (token: string, body: unknown, more = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, authorization: `Bearer ${token.repeat(43)}`, ...more },
    });
  const session = (await post('a', initialize)).headers.get('mcp-session-id')!;
  expect(session).toMatch(/^[\w-]{36}$/);
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  expect((await post('a', list, { 'mcp-session-id': session })).status).toBe(200);
  expect((await post('b', list, { 'mcp-session-id': session })).status).toBe(404);
  expect((await post('x', list, { 'mcp-session-id': session })).status).toBe(401);
  expect((await post('c', list, { 'mcp-session-id': session })).status).toBe(401);
  expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(401);
  expect((await post('a', list, { origin: 'https://evil.example' })).status).toBe(403);
});

test.each<Mode>(['legacy', 'auto'])(
  'a call under a key starts one run, however often it is said (%s)',
  async (mode) => {
    const { url, site } = await openDoor();
    const client = await connect(url, 'a', mode);
    const say = async (name: string, input: Record<string, unknown>, key: unknown, by = client) =>
      by.callTool({ name, arguments: input, _meta: { 'dev.skein/key': key } });
    const first = (await say('run_double', { n: 4 }, 'once')).structuredContent as { run: string };
    const again = await say('run_double', { n: 4 }, 'once');
    expect(again.structuredContent).toMatchObject({ run: first.run, output: 8 });
    // Whatever tool it is said by, and whether the first one is still waited for or not.
    const general = await say('run_workflow', { workflow: 'double', input: { n: 4 } }, 'once');
    expect(general.structuredContent).toMatchObject({ run: first.run });
    const both = await Promise.all([say('run_double', { n: 5 }, 'two'), say('run_double', { n: 5 }, 'two')]);
    expect(new Set(both.map((one) => (one.structuredContent as { run: string }).run)).size).toBe(1);
    const other = await say('run_double', { n: 5 }, 'once');
    expect(other).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('another request') }] });
    for (const bad of ['', 'with a blank', 7, 'x'.repeat(256)])
      expect((await say('run_double', { n: 4 }, bad)).isError).toBe(true);
    // Another's key is another run; without one each call is.
    const bobs = await say('run_double', { n: 4 }, 'once', await connect(url, 'b', mode));
    expect((bobs.structuredContent as { run: string }).run).not.toBe(first.run);
    const { run } = (await client.callTool({ name: 'run_double', arguments: { n: 4 } })).structuredContent as any;
    expect(run).not.toBe(first.run);
    expect((await site.runs({})).runs.length).toBe(4);
  },
);
