// A site as a process of its own, used by the official MCP client, killed in the middle of a run and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const skein = [join(root, 'src/doors/cli/main.ts')];
let folder: string;
const open: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-mcp-site-'));
  writeFileSync(
    join(folder, 'skein.config.ts'),
    `import { functionAgent, workflow } from '${join(root, 'src/index.ts')}';
     const chain = workflow('chain', async (run, { n }) => {
       let sum = 0;
       for (let i = 0; i < n; i++) sum = await run.ask('next', sum, { key: String(i) });
       const gate = await run.gate('look', { show: sum });
       return { sum, choice: gate.choice };
     });
     const slow = functionAgent('counter', { skills: { next: async (n) => {
       await new Promise((resolve) => setTimeout(resolve, 40));
       return n + 1;
     } } });
     export default { store: 'site.db', workflows: [chain], agents: [slow], http: { port: Number(process.env.PORT ?? 0) } };`,
  );
});

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

const args = (command: string) => ['--no-warnings', ...skein, command, '--config', join(folder, 'skein.config.ts')];

async function up(port: number): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [...args('up'), '--json'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  open.push(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url: (JSON.parse(line) as { up: { http: string } }).up.http };
}

async function connect(url: string, mode: 'legacy' | 'auto'): Promise<Client> {
  const { tokens } = JSON.parse(readFileSync(join(folder, 'tokens.json'), 'utf8')) as { tokens: { token: string }[] };
  const client = new Client({ name: 'host', version: '1' }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${tokens[0]!.token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  open.push(() => client.close());
  return client;
}

// oxlint-disable-next-line typescript/no-explicit-any -- each tool answers in its own shape
async function use(client: Client, name: string, input: Record<string, unknown> = {}): Promise<any> {
  return (await client.callTool({ name, arguments: input })).structuredContent;
}

async function untilOpen(client: Client, run: string, step = 'look'): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const seen = await use(client, 'watch_run', { run, waitMs: 2_000 });
    if (seen.waitsFor?.[0]?.step === step) return;
    await sleep(50);
  }
  throw new Error('the run did not come to its gate');
}

test.each<'legacy' | 'auto'>(['legacy', 'auto'])(
  'over HTTP (%s): a run outlives the kill of its site, and the host goes on with it',
  async (mode) => {
    const first = await up(0);
    const before = await connect(first.url, mode);
    const { run } = await use(before, 'run_workflow', { workflow: 'chain', input: { n: 20 }, id: 'r-1', waitMs: 200 });
    expect(run).toBe('r-1');
    const gone = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await gone;
    await expect(use(before, 'get_run', { run })).rejects.toThrow();
    const again = await up(Number(new URL(first.url).port));
    const after = await connect(again.url, mode);
    // Said again, it is the same run.
    await use(after, 'run_workflow', { workflow: 'chain', input: { n: 20 }, id: 'r-1', waitMs: 0 });
    await untilOpen(after, run);
    await use(after, 'answer_gate', { run, step: 'look', choice: 'approve' });
    const done = await use(after, 'watch_run', { run });
    expect(done).toMatchObject({ outcome: 'completed', output: { sum: 20, choice: 'approve' } });
  },
  60_000,
);

test('over stdio: the host starts the site; killed, the next start carries the run on', async () => {
  const start = async (): Promise<{ client: Client; transport: StdioClientTransport }> => {
    const transport = new StdioClientTransport({ command: process.execPath, args: args('mcp'), stderr: 'inherit' });
    const client = new Client({ name: 'host', version: '1' });
    await client.connect(transport);
    open.push(() => client.close());
    return { client, transport };
  };
  const one = await start();
  expect((await one.client.listTools()).tools.map((tool) => tool.name)).toContain('run_chain');
  const { run } = await use(one.client, 'run_workflow', { workflow: 'chain', input: { n: 20 }, waitMs: 200 });
  const closed = new Promise<void>((resolve) => Object.assign(one.client, { onclose: () => resolve() }));
  process.kill(one.transport.pid!, 'SIGKILL');
  await closed;
  const two = await start();
  await untilOpen(two.client, run);
  await use(two.client, 'answer_gate', { run, step: 'look', choice: 'deny', reason: 'no' });
  expect(await use(two.client, 'watch_run', { run })).toMatchObject({ status: 'ended' });
  const pid = two.transport.pid!;
  await two.client.close();
  // A host that closes its end is obeyed: the process has drained and gone.
  expect(() => process.kill(pid, 0)).toThrow();
}, 60_000);
