// Peers that say back what they were given: a token of ours is in no file, journal, error or line of the site.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { errorText, Fault, faultToData } from '../../src/base/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import { type Agent, openAgent, readAgentDeclaration } from '../../src/ports/agent/index.ts';
import { createMcpAgent } from '../../src/ports/agent/mcp/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { openSite } from '../../src/site/site.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const TOKEN = 'geese-fly-by-night-7781';
const env = { PEER_TOKEN: TOKEN };

/** What stands for a peer: it has a card and tools, and says the token back wherever it answers `do`. */
async function echoing(way: 'error' | 'answer'): Promise<string> {
  const server = createServer((request, response) => {
    void say(request, response);
  });
  async function say(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status = 200, body } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
  async function answer(request: IncomingMessage): Promise<{ status?: number; body: unknown }> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const given = request.headers.authorization ?? request.headers['x-key'] ?? 'nothing';
    const spoken = `you said ${String(given)} to me`;
    if (request.url === '/.well-known/agent-card.json') {
      const supportedInterfaces = [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
      const skills = [{ id: 'do', name: 'do', description: 'does', tags: [] }];
      return {
        body: {
          name: 'e',
          description: 'e',
          version: '1',
          supportedInterfaces,
          capabilities: {},
          skills,
          defaultInputModes: [],
          defaultOutputModes: [],
        },
      };
    }
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const { id, method } = (text === '' ? {} : JSON.parse(text)) as { id?: unknown; method?: string };
    const result = (value: object) => ({ body: { jsonrpc: '2.0', id, result: value } });
    if (method === 'initialize')
      return result({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'e', version: '1' },
      });
    if (method === 'tools/list')
      return result({ tools: [{ name: 'do', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] });
    if (method === 'server/discover')
      return { body: { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } } };
    if (method?.startsWith('notifications/') === true) return { status: 202, body: '' };
    if (request.method === 'GET') return { status: 405, body: '' };
    if (way === 'error') return { status: 400, body: spoken };
    if (method === 'tools/call') return result({ content: [{ type: 'text', text: spoken }] });
    const artifacts = [{ artifactId: 'a', parts: [{ text: spoken }] }];
    return result({ task: { id: 't', contextId: 'c', status: { state: 'TASK_STATE_COMPLETED' }, artifacts } });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const loud = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id } = JSON.parse(line);
  process.stderr.write(process.env.PEER_TOKEN + '\\n');
  process.stdout.write(JSON.stringify({ id, WAY }) + '\\n');
});`;

const kinds = {
  'mcp, a token': (url: string) => ({
    mcp: { url: `${url}/mcp`, tokenEnv: 'PEER_TOKEN' },
    skills: [{ name: 'do', effect: 'pure' }],
  }),
  'mcp, a header': (url: string) => ({
    mcp: { url: `${url}/mcp`, headersEnv: { 'x-key': 'PEER_TOKEN' } },
    skills: [{ name: 'do', effect: 'pure' }],
  }),
  a2a: (url: string) => ({ a2a: url, keyEnv: 'PEER_TOKEN', skills: [{ name: 'do', effect: 'pure' }] }),
  process: (_: string, way: string) => ({
    process: [
      process.execPath,
      '-e',
      loud.replace(
        'WAY',
        way === 'error'
          ? 'fault: { code: "agent.refused", message: process.env.PEER_TOKEN }'
          : 'output: { said: [process.env.PEER_TOKEN] }',
      ),
    ],
    passEnv: ['PEER_TOKEN'],
    sandbox: 'none',
    skills: [{ name: 'do', effect: 'pure' }],
  }),
};
/** The same, opened by a program. */
const inCode: Record<string, (url: string, way: string) => Promise<Agent>> = {
  'mcp, a token, in code': (url) =>
    createMcpAgent({
      name: 'peer',
      server: { url: `${url}/mcp` },
      skills: [{ name: 'do', effect: 'pure' }],
      auth: { token: async () => TOKEN },
    }),
  'mcp, a header, in code': (url) =>
    createMcpAgent({ name: 'peer', server: { url: `${url}/mcp`, headers: { 'x-key': TOKEN } } }),
  'a2a, in code': (url) =>
    createA2aAgent({ name: 'peer', url, token: () => TOKEN, skills: [{ name: 'do', effect: 'pure' }] }),
};
const rows = [...Object.keys(kinds), ...Object.keys(inCode)].flatMap((kind) =>
  (['error', 'answer'] as const).map((way) => [kind, way] as const),
);

test.each(rows)('%s, in an %s', async (kind, way) => {
  const url = await echoing(way);
  const folder = mkdtempSync(join(tmpdir(), 'skein-secrets-'));
  opened.push(() => rmSync(folder, { recursive: true, force: true }));
  const declared = (): Promise<Agent> =>
    openAgent(readAgentDeclaration({ name: 'peer', ...kinds[kind as keyof typeof kinds](url, way) }), {
      env,
      clock: realClock,
      folder,
    });
  const agent = await (inCode[kind]?.(url, way) ?? declared());
  const asks = workflow('asks', (run) => run.ask('do', { a: 1 }, { timeoutMs: 5_000, retry: { tries: 1 } }));
  const troubles: string[] = [];
  const site = await openSite({
    store: join(folder, 'site.db'),
    agents: [agent],
    workflows: [asks],
    onTrouble: (_, fault) => void (fault && troubles.push(JSON.stringify(faultToData(fault)))),
  });
  const { run, result } = await site.start(asks);
  const pieces: string[] = [];
  site.listen(run, ({ text }) => pieces.push(text));
  const end = await result();
  expect(end.outcome).toBe(way === 'error' ? 'failed' : 'completed');
  // It did come, and was hidden.
  expect(JSON.stringify(end)).toContain('[key]');
  const journal: unknown[] = [];
  for await (const line of site.watch(run, { live: false })) journal.push(line);
  await site.stop();
  expect(JSON.stringify([end, journal, troubles, pieces])).not.toContain(TOKEN);
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const file = join(folder, name);
    if (statSync(file).isFile()) expect([name, readFileSync(file).includes(TOKEN)]).toEqual([name, false]);
  }
});

test('who cannot be opened says it without the token', async () => {
  const server = createServer((request, response) => {
    response.writeHead(403).end(`no: ${String(request.headers.authorization)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const declared = readAgentDeclaration({ name: 'peer', mcp: { url, tokenEnv: 'PEER_TOKEN' } });
  const thrown: unknown = await openAgent(declared, { env, clock: realClock }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Fault);
  const said = `${errorText(thrown)} ${JSON.stringify(faultToData(thrown as Fault))} ${(thrown as Error).stack}`;
  expect(said).not.toContain(TOKEN);
});
