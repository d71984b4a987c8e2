// A run that works by way of somebody else's MCP server, which is killed in the middle of a call and started again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { createMcpAgent, type McpAgentOptions } from '../../src/ports/agent/mcp/index.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { startHttpServer, stdioCommand } from './start.ts';

let folder: string;
const open: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-mcp-agent-'));
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const retry = { tries: 20, firstMs: 100, factor: 1, maxMs: 100 };
const reads = workflow('reads', async (run) => {
  const first = await run.ask('add', { a: 1, b: 2 });
  const slow = await run.ask('slow', { ms: 1_500 }, { retry });
  const last = await run.ask('add', { a: 3, b: 4 }, { retry, key: 'last' });
  return [first, slow, last];
});
const pays = workflow('pays', async (run) => run.effect('pay', { input: 5 }, { retry }));

async function siteWith(server: McpAgentOptions['server'], revision: McpAgentOptions['revision']): Promise<Site> {
  const skills = [
    { name: 'pay', effect: 'reversible', keyed: true, undo: 'refund', reconcile: 'find_payment' },
  ] as const;
  const agent = await createMcpAgent({ name: 'example', server, revision, skills });
  const site = await openSite({ store: join(folder, 'site.db'), agents: [agent], workflows: [reads, pays, greets] });
  open.push(() => site.stop());
  return site;
}

async function untilBegun(site: Site, run: string, step: string): Promise<void> {
  for await (const { event } of site.watch(run)) if (event.type === 'attempt.begun' && event.step === step) return;
}

test.each(['2025-11-25', '2026-07-28'] as const)(
  'over HTTP (%s): a call lost with its server is made again when it is back',
  async (revision) => {
    const env = { PAYMENTS: join(folder, 'payments.json') };
    const first = await startHttpServer(0, env);
    open.push(() => first.kill());
    const site = await siteWith({ url: first.url }, revision);
    const { run } = await site.start(reads);
    await untilBegun(site, run, 'slow');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await first.kill();
    const again = await startHttpServer(first.port, env);
    open.push(() => again.kill());
    expect(await site.handle(run).output()).toEqual(['3', 'slowly done', '7']);
    const ended = [];
    for await (const { event } of site.watch(run)) if (event.type === 'attempt.ended') ended.push(event);
    // The loss is in the journal, and what healed it.
    expect(ended.some((event) => event.fault?.code === 'agent.lost')).toBe(true);
    expect(await replay(site.store, run)).toMatchObject({ equal: true });
    const paid = await site.start(pays);
    expect(await paid.output()).toBe('paid');
    expect(Object.keys(JSON.parse(readFileSync(env.PAYMENTS, 'utf8')) as object)).toHaveLength(1);
  },
  30_000,
);

const greets = workflow('greets', async (run) => run.ask('ask', {}));

test.each(['2025-11-25', '2026-07-28'] as const)(
  'a question of the server (%s) waits for a person, through a stop of the site',
  async (revision) => {
    const first = await siteWith({ command: stdioCommand }, revision);
    const { run } = await first.start(greets);
    const gate = await first.handle(run).untilAsked('ask');
    expect(gate).toMatchObject({ asks: 'input', show: { message: 'Your name?', schema: { required: ['name'] } } });
    await first.stop();
    const second = await siteWith({ command: stdioCommand }, revision);
    expect(await second.gates(run)).toMatchObject([{ step: 'ask', asks: 'input' }]);
    await second.edit(run, 'ask', { name: 'Ann' });
    expect(await second.handle(run).output()).toBe('Hello, Ann');
    expect(await replay(second.store, run)).toMatchObject({ equal: true });
    const other = await second.start(greets);
    await other.untilAsked('ask');
    await second.deny(other.run, 'ask');
    expect(await other.result()).toMatchObject({ outcome: 'failed', fault: { code: 'input.required' } });
  },
);

test.each(['2025-11-25', '2026-07-28'] as const)(
  'what a server would ask a model (%s) is answered by an agent of the site, as a run of its own',
  async (revision) => {
    const poet = functionAgent('poet', {
      skills: {
        write: { run: (about: string) => `a poem on ${about}`, cost: () => ({ money: 2, tokens: 5 }) },
        burn: { effect: 'irreversible', run: () => 'gone' },
      },
    });
    const thinks = workflow('thinks', async (run) => run.ask('think', { about: 'rain' }));
    const open = async (skill: string): Promise<Site> => {
      const sampling = { skill, maxTokens: 100 };
      const agent = await createMcpAgent({ name: 'example', server: { command: stdioCommand }, revision, sampling });
      return openSite({ store: join(folder, `${skill}.db`), agents: [agent, poet], workflows: [thinks] });
    };
    const site = await open('write');
    const { run, ...handle } = await site.start(thinks);
    expect(await handle.output()).toBe('a poem on rain');
    expect((await site.state(run)).budget.spent).toMatchObject({ money: 2, tokens: 5 });
    const lent = (await site.runs()).runs.find((row) => row.run.startsWith('lent_'));
    expect(lent).toMatchObject({ outcome: 'completed', by: 'operator' });
    expect(site.workflows().map((flow) => flow.name)).toEqual(['thinks']);
    await site.stop();
    // Only what changes nothing is lent to a stranger.
    const wary = await open('burn');
    const refused = await (await wary.start(thinks)).result();
    expect(refused.outcome).toBe('failed');
    expect((await wary.runs()).runs.some((row) => row.run.startsWith('lent_'))).toBe(false);
    await wary.stop();
  },
);

test('over stdio: a server that is killed in a call is started by the next', async () => {
  const site = await siteWith({ command: stdioCommand }, '2025-11-25');
  const agent = site.agents.get('example')!;
  const signal = new AbortController().signal;
  const whoami = { run: 'r', step: 's', attempt: 1, skill: 'whoami', input: {}, labels: [], effect: 'pure', key: 'k' };
  const { output: pid } = await agent.call({ ...whoami, signal, deadlineMs: undefined } as never);
  const { run } = await site.start(reads);
  await untilBegun(site, run, 'slow');
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(Number(pid), 'SIGKILL');
  expect(await site.handle(run).output()).toEqual(['3', 'slowly done', '7']);
});
