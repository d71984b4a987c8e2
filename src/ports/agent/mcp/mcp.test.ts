import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startHttpServer, stdioCommand } from '../../../../test/mcp/start.ts';
import { Fault } from '../../../base/index.ts';
import { agentContract, type AgentLab } from '../contract.ts';
import type { Agent, AgentCall } from '../port.ts';
import { realClock } from '../../../site/clock.ts';
import { readAgentDeclaration } from '../declare.ts';
import { createMcpAgent } from './agent.ts';
import { open as openDeclared } from './index.ts';
import type { McpAgentOptions } from './options.ts';

type Way = 'stdio' | 'http';
type Revision = '2025-11-25' | '2026-07-28';
const ways: [Way, Revision][] = [
  ['stdio', '2025-11-25'],
  ['stdio', '2026-07-28'],
  ['http', '2025-11-25'],
  ['http', '2026-07-28'],
];
const paySkill = { name: 'pay', effect: 'reversible', keyed: true, undo: 'refund', reconcile: 'find_payment' } as const;

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function openAgent(
  way: Way,
  revision: Revision,
  more: Partial<McpAgentOptions> = {},
  payments = '',
): Promise<Agent> {
  let server: McpAgentOptions['server'] = { command: stdioCommand, env: { PAYMENTS: payments } };
  if (way === 'http') {
    const started = await startHttpServer(0, { PAYMENTS: payments });
    open.push(() => started.kill());
    server = { url: started.url };
  }
  const agent = await createMcpAgent({ name: 'example', server, revision, skills: [paySkill], ...more });
  open.push(() => agent.close!());
  return agent;
}

function callOf(skill: string, input?: unknown, more: Partial<AgentCall> = {}): AgentCall {
  const signal = new AbortController().signal;
  const call = { run: 'r', step: 's', attempt: 1, skill, labels: [], effect: 'pure', key: 'k', deadlineMs: undefined };
  return { ...call, input, signal, ...more } as AgentCall;
}

async function faultOf(work: unknown): Promise<Fault> {
  try {
    await work;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Fault);
    return thrown as Fault;
  }
  throw new Error('it did not fail');
}

describe.each(ways)('an MCP agent by %s, %s', (way, revision) => {
  test.for(agentContract)('$name', async (row) => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-mcp-'));
    open.push(() => rmSync(folder, { recursive: true }));
    const book = join(folder, 'payments.json');
    const lab: AgentLab = {
      open: () => openAgent(way, revision, {}, book),
      paid: (key) => (JSON.parse(readFileSync(book, 'utf8')) as Record<string, number>)[key] ?? 0,
      close: async () => {},
    };
    await row.run(lab);
    await lab.close();
  });

  test('effect classes come from annotations, and the configuration has the last word', async () => {
    const agent = await openAgent(way, revision);
    const skill = (name: string) => agent.skills.find((one) => one.name === name);
    expect(skill('add')).toMatchObject({ effect: 'pure' });
    expect(skill('ask')).toMatchObject({ effect: 'idempotent', keyed: true });
    expect(skill('send')).toMatchObject({ effect: 'irreversible', undeclared: true });
    expect(skill('pay')).toMatchObject({ effect: 'reversible', keyed: true });
    expect(skill('pay')!.undeclared).toBeUndefined();
    const wary = await openAgent(way, revision, { annotations: 'ignore' });
    expect(wary.skills.find((one) => one.name === 'add')).toMatchObject({ effect: 'irreversible', undeclared: true });
    const wrong = openAgent(way, revision, { skills: [{ name: 'fly', effect: 'pure' }] });
    expect((await faultOf(wrong)).message).toContain("declares the skill 'fly'");
  });

  test('resources and prompts are skills that read', async () => {
    const agent = await openAgent(way, revision);
    expect((await agent.call(callOf('example.list_resources'))).output).toMatchObject([{ uri: 'note://one' }]);
    expect((await agent.call(callOf('example.read_resource', 'note://one'))).output).toMatchObject([
      { text: 'a note' },
    ]);
    expect((await agent.call(callOf('example.list_prompts'))).output).toMatchObject([{ name: 'greet' }]);
    const asked = { name: 'greet', arguments: { who: 'Ann' } };
    expect((await agent.call(callOf('example.get_prompt', asked))).output).toMatchObject([
      { content: { text: 'Greet Ann' } },
    ]);
  });

  test('progress is told to watchers', async () => {
    const agent = await openAgent(way, revision);
    const told: string[] = [];
    await agent.call(callOf('slow', { ms: 400 }, { say: (piece) => told.push(piece) }));
    // What is told just before the answer may come after it.
    expect(told.slice(0, 3)).toEqual(['part 1', 'part 2', 'part 3']);
  });

  test('a server that dies in a call is lost, and started or met again by the next', async () => {
    const agent = await openAgent(way, revision);
    expect(await faultOf(agent.call(callOf('crash')))).toMatchObject({ code: 'agent.lost' });
    if (way === 'stdio') expect((await agent.call(callOf('add', { a: 1, b: 2 }))).output).toBe('3');
    else
      expect(['agent.busy', 'agent.lost']).toContain((await faultOf(agent.call(callOf('add', { a: 1, b: 2 })))).code);
  });

  test('a tool that comes, goes or becomes stricter is seen', async () => {
    const agent = await openAgent(way, revision);
    let changes = 0;
    agent.onChange!(() => changes++);
    expect(agent.skills.some((one) => one.name === 'grown')).toBe(false);
    expect(await faultOf(agent.call(callOf('grown')))).toMatchObject({ code: 'agent.refused', retry: 'elsewhere' });
    await agent.call(callOf('grow', { strict: true }));
    if (way === 'http' && revision === '2026-07-28') return;
    for (let i = 0; i < 100 && changes === 0; i++) await sleep(20);
    expect(agent.skills.find((one) => one.name === 'grown')).toMatchObject({ effect: 'pure' });
    expect((await faultOf(agent.call(callOf('moody')))).message).toContain('is declared irreversible now');
  });

  test('a question that nobody answers ends the call; a program may answer it', async () => {
    const agent = await openAgent(way, revision);
    expect((await faultOf(agent.call(callOf('ask', undefined, { effect: 'idempotent' })))).message).toContain(
      'Your name?',
    );
    const elicit = () => ({ action: 'accept' as const, content: { name: 'Ann' } });
    const able = await openAgent(way, revision, { elicit });
    expect((await able.call(callOf('ask', undefined, { effect: 'idempotent' }))).output).toBe('Hello, Ann');
  });

  test('sampling is refused unless it is lent', async () => {
    const agent = await openAgent(way, revision);
    expect(await faultOf(agent.call(callOf('think', { about: 'rain' })))).toBeInstanceOf(Fault);
    const able = await openAgent(way, revision, { sample: async ({ messages }) => `of ${messages[0]!.text}` });
    expect((await able.call(callOf('think', { about: 'rain' }))).output).toBe('of rain');
  });
});

test('a server that does not hear is let go, and its process ended', async () => {
  const agent = await openAgent('stdio', '2025-11-25');
  const before = (await agent.call(callOf('whoami'))).output;
  const stop = new AbortController();
  const deaf = faultOf(agent.call(callOf('deaf', undefined, { signal: stop.signal })));
  setTimeout(() => stop.abort(new Fault('step.timeout', 'too long')), 100);
  expect(await deaf).toMatchObject({ code: 'step.timeout' });
  await sleep(5_500);
  const after = (await agent.call(callOf('whoami'))).output;
  expect(after).not.toBe(before);
}, 30_000);

test('as it is declared: secrets come by the names of variables, and are not said', async () => {
  const [command, ...args] = stdioCommand;
  const declared = {
    name: 'bank',
    mcp: { command: [command, ...args], undo: { pay: 'refund' }, reconcile: { pay: 'find_payment' } },
    skills: [{ name: 'pay', effect: 'reversible', keyed: true, price: { money: 1 } }],
  };
  const agent = await openDeclared(readAgentDeclaration(declared) as never, { env: {}, clock: realClock });
  open.push(() => agent.close!());
  expect(agent.skills.find((one) => one.name === 'pay')).toMatchObject({ effect: 'reversible', price: { money: 1 } });
  expect(agent.undo).toBeDefined();
  expect(agent.reconcile).toBeDefined();
  const remote = { name: 'far', mcp: { url: 'http://127.0.0.1:9/mcp', headersEnv: { 'x-key': 'FAR_KEY' } } };
  const missing = openDeclared(readAgentDeclaration(remote) as never, { env: {}, clock: realClock });
  expect((await faultOf(missing)).message).toContain('FAR_KEY');
  const away = openDeclared(readAgentDeclaration(remote) as never, { env: { FAR_KEY: 'secret-1' }, clock: realClock });
  const fault = await faultOf(away);
  expect(fault.code).toBe('agent.busy');
  expect(JSON.stringify([fault.message, fault.detail])).not.toContain('secret-1');
});
