/**
 * What comes from the other end of a wire that is open: bytes at the gRPC port, lines at the MCP door's stdin, AG-UI
 * inputs, what a process prints, what an agent of others shows as its card and says to a message.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { serveA2a } from '../../src/doors/a2a/index.ts';
import { createAgUiDoor } from '../../src/doors/agui/index.ts';
import { createToken, tokenList } from '../../src/doors/guard/index.ts';
import { serveMcpStdio } from '../../src/doors/mcp/index.ts';
import { createA2aAgent } from '../../src/ports/agent/a2a/index.ts';
import { type AgentCall, openAgent, readAgentDeclaration } from '../../src/ports/agent/index.ts';
import { createNet } from '../../src/ports/net/index.ts';
import { realClock } from '../../src/site/clock.ts';
import { openSite, type Site } from '../../src/site/site.ts';
import { near, nearBytes } from './mutate.ts';

const RUNS = Number(process.env['SKEIN_FUZZ'] ?? 150);
const TEST_MS = 120_000;
/** Nothing here takes so long, on however busy a machine. */
const ANSWER_MS = 10_000;

const closes: (() => unknown)[] = [];
let folder = '';
let site: Site;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skein-fuzz-'));
  site = await openSite({ workflows: [workflow('noop', () => 1)] });
});
afterAll(async () => {
  for (const close of closes.splice(0).reverse()) await close();
  await site.stop({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

function callOf(skill: string, input: unknown, signal = AbortSignal.timeout(ANSWER_MS)): AgentCall {
  const call = { run: 'r', step: 's', attempt: 1, skill, labels: [], effect: 'pure', key: 'k', deadlineMs: undefined };
  return { ...call, input, signal } as AgentCall;
}

/** Throws what is neither an answer nor a Fault that says more than that something went wrong in here. */
async function answeredOrFault(work: Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(performance.now() - startMs).toBeLessThan(ANSWER_MS);
  if (thrown === undefined) return;
  if (!(thrown instanceof Fault)) throw thrown;
  expect(thrown.code).not.toBe('internal');
}

test('bytes as messages of gRPC', { timeout: TEST_MS }, async () => {
  const token = createToken();
  const many = 1e9;
  const serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    grpc: {},
    limits: { principalBurst: many, addressBurst: many },
    tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
  });
  const client = new Client(serving.grpc!, credentials.createInsecure());
  closes.push(() => serving.close());
  closes.push(() => client.close());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  metadata.set('a2a-version', '1.0');
  const raw = (bytes: Buffer): Buffer => bytes;
  const call = (path: string, bytes: Uint8Array): Promise<number> =>
    new Promise((done) => {
      const stream = client.makeServerStreamRequest(path, raw, raw, Buffer.from(bytes), metadata, {
        deadline: Date.now() + ANSWER_MS,
      });
      stream.on('data', () => {});
      stream.on('error', () => {});
      stream.on('status', ({ code }) => done(code));
    });
  const message = {
    messageId: 'm',
    contextId: 'c',
    taskId: '',
    role: 1,
    parts: [{ content: { $case: 'text', value: 'hi' }, metadata: { a: 1 }, filename: '', mediaType: '' }],
    metadata: { skill: 'noop' },
    extensions: [],
    referenceTaskIds: [],
  };
  const seeds = [
    A2AService.sendMessage.requestSerialize({ tenant: '', message, configuration: undefined, metadata: {} } as never),
    A2AService.getTask.requestSerialize({ tenant: '', id: 'a2a-x', historyLength: 3 }),
  ];
  const { OK, DEADLINE_EXCEEDED } = { OK: 0, DEADLINE_EXCEEDED: 4 };
  expect(await call(A2AService.sendMessage.path, seeds[0]!)).toBe(OK);
  const paths = Object.values(A2AService).map(({ path }) => path);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), nearBytes(seeds), async (path, bytes) => {
      expect(await call(path, bytes)).not.toBe(DEADLINE_EXCEEDED);
    }),
    { numRuns: RUNS },
  );
  expect(await call(A2AService.sendMessage.path, seeds[0]!)).toBe(OK);
});

test('lines at the stdin of the MCP door', { timeout: TEST_MS }, async () => {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'f', version: '1' } };
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const tools = JSON.stringify({
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'list_runs', arguments: {} },
  });
  await fc.assert(
    fc.asyncProperty(fc.array(near([hello, tools]), { maxLength: 6 }), async (lines) => {
      const stdin = new PassThrough();
      const stdout = new PassThrough();
      let said = '';
      stdout.on('data', (text: Buffer) => (said += text.toString()));
      const door = await serveMcpStdio({ site, stdin, stdout });
      for (const line of lines) stdin.write(`${line}\n`);
      stdin.write(`${hello}\n`);
      await expect.poll(() => said, { timeout: ANSWER_MS, interval: 1 }).toContain('"jsonrpc":"2.0"');
      for (const line of said.split('\n').filter((one) => one !== '')) expect(() => JSON.parse(line)).not.toThrow();
      expect(said).not.toMatch(/node_modules|\.ts:\d+/);
      await door.close();
    }),
    { numRuns: RUNS },
  );
});

test('inputs of AG-UI', { timeout: TEST_MS }, async () => {
  const door = createAgUiDoor(site);
  const by = { id: 'ann', rights: ['*'] };
  const seed = {
    threadId: 't',
    runId: 'r',
    messages: [{ role: 'user', content: 'hi' }],
    resume: [{ interruptId: 'r_1 s', status: 'resolved' }],
  };
  await fc.assert(
    fc.asyncProperty(near([JSON.stringify(seed), JSON.stringify({ ...seed, resume: undefined })]), async (body) => {
      const { Hono } = await import('hono');
      const app = new Hono();
      app.use('*', async (c, next) => {
        c.set('principal' as never, by as never);
        await next();
      });
      app.route('/', door.app as never);
      const response = await app.request('/noop', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.status).toBeLessThan(500);
      await response.body?.cancel();
    }),
    { numRuns: RUNS },
  );
});

test('what a process prints', { timeout: TEST_MS }, async () => {
  const file = join(folder, 'said');
  const seed = '{"id":1,"output":{"a":[1,2]},"cost":{"money":1},"labels":["x"]}\n';
  const seeds = [seed, `{"id":1,"say":"a"}\n${seed}`, '{"id":1,"fault":{"code":"agent.busy","afterMs":5}}\n'];
  const command = ['sh', '-c', `read -r l; cat '${file}'`];
  const given = { name: 'p', process: command, sandbox: 'none', skills: [{ name: 'x', effect: 'pure' }] };
  const answerTo = async (text: string): Promise<unknown> => {
    writeFileSync(file, text);
    const agent = await openAgent(readAgentDeclaration(given), { env: process.env, clock: realClock, folder });
    try {
      return await agent.call(callOf('x', 1));
    } finally {
      await agent.close?.();
    }
  };
  expect(await answerTo(seed)).toMatchObject({ output: { a: [1, 2] } });
  await fc.assert(
    fc.asyncProperty(near(seeds), (text) => answeredOrFault(answerTo(text))),
    { numRuns: Math.min(RUNS, 60) },
  );
});

test('cards of others, and what they say to a message', { timeout: TEST_MS }, async () => {
  let card = '';
  let said = '';
  const server = createServer((request, answer) => {
    request.resume();
    answer.setHeader('content-type', 'application/json');
    answer.end(request.method === 'GET' ? card : said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closes.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const good = JSON.stringify({
    name: 'far',
    description: 'd',
    version: '1',
    supportedInterfaces: [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    capabilities: { streaming: false },
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [{ id: 'x', name: 'x', description: 'x', tags: [] }],
    signatures: [{ protected: 'eyJhbGciOiJFZERTQSJ9', signature: 'AAAA' }],
  });
  const task = {
    id: 't',
    contextId: 'c',
    status: { state: 'TASK_STATE_COMPLETED' },
    artifacts: [{ artifactId: 'a', parts: [{ text: 'x' }] }],
  };
  const reply = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { task } });
  const key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  await fc.assert(
    fc.asyncProperty(near([good]), fc.boolean(), async (text, keyed) => {
      card = text;
      const opening = createA2aAgent({ name: 'far', url, ...(keyed && { key }) });
      await answeredOrFault(opening.then((agent) => agent.close?.()));
    }),
    { numRuns: RUNS },
  );
  card = good;
  const agent = await createA2aAgent({ name: 'far', url, skills: [{ name: 'x', effect: 'pure' }] });
  closes.push(() => agent.close?.());
  said = reply;
  expect(await agent.call(callOf('x', 1))).toEqual({ output: 'x' });
  await fc.assert(
    fc.asyncProperty(near([reply]), async (text) => {
      said = text;
      // A task that says that it works is asked for ever: that is no fault of a parser.
      await answeredOrFault(Promise.resolve(agent.call(callOf('x', 1, AbortSignal.timeout(2_000)))));
    }),
    { numRuns: RUNS },
  );
});
