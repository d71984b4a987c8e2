// An A2A agent that lies: what it says is taken for no more than it is, and each try ends.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { createA2aAgent, type A2aAgentOptions } from '../../src/ports/agent/a2a/index.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite } from '../../src/site/site.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

type Said = { method: string; params: { id?: string; message?: { contextId: string } } };
type Answer = (said: Said, context: string) => unknown;
interface Way {
  answer: Answer;
  streaming?: boolean;
  stream?: (response: ServerResponse, said: Said) => void;
}

const text = (value: string) => [{ artifactId: 'a', parts: [{ text: value }] }];
const task = (id: string, contextId: string, state: string, more: object = {}) => ({
  id,
  contextId,
  status: { state: `TASK_STATE_${state}` },
  ...more,
});

async function liar({ answer, streaming = false, stream }: Way, heard: string[] = []): Promise<string> {
  let context = '';
  async function work(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (request.method === 'GET') {
      const supportedInterfaces = [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
      const modes = { defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'] };
      const skills = [{ id: 'do', name: 'do', description: 'does', tags: [] }];
      const capabilities = { streaming, pushNotifications: false };
      return response.end(
        JSON.stringify({
          name: 'liar',
          description: 'x',
          version: '1',
          supportedInterfaces,
          capabilities,
          skills,
          ...modes,
        }),
      );
    }
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const said = JSON.parse(body) as Said & { id: number };
    heard.push(said.method);
    context = said.params.message?.contextId ?? context;
    if (said.method === 'SubscribeToTask' && stream !== undefined) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return stream(response, said);
    }
    const result = answer(said, context);
    const line = typeof result === 'string' ? result : JSON.stringify(result);
    response.setHeader('content-type', 'application/json');
    return response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(said.id)},"result":${line}}`);
  }
  const server = createServer((request, response) => void work(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asks = workflow('asks', (run) => run.ask('do', 'x', { timeoutMs: 3_000, retry: { tries: 1 } }));
const pays = workflow('pays', (run) => run.effect('do', 'x', { timeoutMs: 3_000, retry: { tries: 1 } }));

async function siteOf(way: Way, options: Partial<A2aAgentOptions> = {}, heard?: string[]) {
  const url = await liar(way, heard);
  const agent = await createA2aAgent({ name: 'liar', url, skills: [{ name: 'do', effect: 'pure' }], ...options });
  const site = await openSite({ agents: [agent], workflows: [asks, pays] });
  opened.push(() => site.stop({ graceMs: 0 }));
  return site;
}

const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const ways: Record<string, Way> = {
  'another task, when it is looked at': {
    answer: ({ method }, context) =>
      method === 'SendMessage'
        ? { task: task('mine', context, 'WORKING') }
        : task('others', 'another', 'COMPLETED', { artifacts: text('a secret of others') }),
  },
  'JSON as deep as a well': {
    answer: (_, context) =>
      `{"task":{"id":"t","contextId":"${context}","status":{"state":"TASK_STATE_COMPLETED"},"artifacts":[{"artifactId":"a","parts":[{"data":${deep}}]}]}}`,
  },
  'more than anybody wants to hear': {
    answer: (_, context) => ({ task: task('t', context, 'COMPLETED', { artifacts: text('x'.repeat(20_000_000)) }) }),
  },
  'nothing at all': { answer: () => ({}) },
  'a task without a state': { answer: (_, context) => ({ task: { id: 't', contextId: context } }) },
  'a state that nobody knows': { answer: (_, context) => ({ task: task('t', context, 'GONE_FISHING') }) },
  'a list for a task': { answer: () => [1, 2, 3] },
  'at work for ever': {
    answer: ({ method }, context) =>
      method === 'SendMessage' ? { task: task('t', context, 'WORKING') } : task('t', context, 'WORKING'),
  },
  'a stream without lines': {
    streaming: true,
    answer: ({ method }, context) =>
      method === 'SendMessage' ? { task: task('t', context, 'WORKING') } : task('t', context, 'WORKING'),
    stream(response) {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
      };
      more();
    },
  },
};

test.each(Object.entries(ways))('%s: not taken', { timeout: 30_000 }, async (_, way) => {
  const site = await siteOf(way);
  const before = process.memoryUsage().rss;
  const { run, result } = await site.start(asks);
  const end = await result();
  expect(end).toMatchObject({ outcome: 'failed' });
  expect(JSON.stringify(end)).not.toContain('secret');
  for await (const { event } of site.watch(run)) expect(JSON.stringify(event)).not.toContain('secret');
  expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
});

test('an effect whose agent speaks of another task is unknown, and asked for by nobody else', async () => {
  const site = await siteOf(ways['another task, when it is looked at']!, {
    skills: [{ name: 'do', effect: 'reversible', undo: 'undo' }],
  });
  const { run } = await site.start(pays);
  const gate = await site.handle(run).untilAsked('do');
  expect(gate.asks).toBe('unknown');
});

test('questions without an end come to one, and its task is cancelled', { timeout: 30_000 }, async () => {
  let asked = 0;
  const heard: string[] = [];
  const question = (context: string) =>
    task('t', context, 'INPUT_REQUIRED', {
      status: {
        state: 'TASK_STATE_INPUT_REQUIRED',
        message: { messageId: `q${++asked}`, role: 'ROLE_AGENT', parts: [{ text: `again? ${asked}` }] },
      },
    });
  const site = await siteOf(
    { answer: ({ method }, context) => (method === 'SendMessage' ? { task: question(context) } : question(context)) },
    {},
    heard,
  );
  const handle = await site.start(asks);
  const end = handle.result();
  let over = false;
  void end.then(() => (over = true));
  for (let i = 0; i < 200 && !over; i++) {
    await site.edit(handle.run, 'do', i).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await end).toMatchObject({ outcome: 'failed', fault: { code: 'input.required' } });
  await expect.poll(() => heard).toContain('CancelTask');
});
