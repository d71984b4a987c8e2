import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyAgentCardSignature } from '@a2a-js/sdk';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { createNet } from '../../ports/net/index.ts';
import { createSiteKey } from '../../site/audit/key.ts';
import { realClock } from '../../site/clock.ts';
import { openSite } from '../../site/site.ts';
import { createToken, tokenList } from '../guard/index.ts';
import { artifactReply, serveA2a, type ServeA2aOptions } from './index.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const flows = [
  workflow('greet', (_run, name: string) => `hello ${name}`),
  workflow('book', async (run, what: string) => {
    const first = await run.gate<string>('seat', { show: 'Which seat?' });
    await run.code('ticket', () => artifactReply({ id: 'ticket', parts: [{ text: first.value }] }));
    return what;
  }),
  workflow('refuse', () => {
    throw new Fault('agent.refused', 'not today');
  }),
  workflow('slow', (run) => run.wait('long', { ms: 60_000 })),
];

type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any

async function open(more: Partial<ServeA2aOptions> = {}) {
  const site = await openSite({ workflows: flows });
  const { key } = createSiteKey();
  const tokens = { ann: createToken(), bob: createToken(), eve: createToken() };
  const serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    key,
    tokens: tokenList([
      { token: tokens.ann, principal: { id: 'ann', rights: ['run:start', 'gate:answer'] } },
      { token: tokens.bob, principal: { id: 'bob', rights: ['run:start', 'gate:answer'] } },
      { token: tokens.eve, principal: { id: 'eve', rights: [] } },
    ]),
    ...more,
  });
  opened.push(async () => {
    await serving.close();
    await site.stop({ graceMs: 0 });
  });
  const { url } = serving;
  async function rpc(method: string, params: unknown, who: keyof typeof tokens = 'ann', version = '1.0') {
    const answer = await fetch(`${url}/a2a/jsonrpc`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json', 'a2a-version': version },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await answer.json()) as Json;
  }
  const send = async (skill: string, text: string, params: Json = {}, who: keyof typeof tokens = 'ann') => {
    const { message, ...rest } = params;
    const said = { role: 'ROLE_USER', messageId: 'm1', parts: [{ text }], metadata: { skill }, ...message };
    return rpc('SendMessage', { message: said, ...rest }, who);
  };
  return { site, key, url, tokens, rpc, send };
}

describe('cards', () => {
  test('the site and each workflow have one, read without a token, signed by the site', async () => {
    const { url, key } = await open();
    const verify = verifyAgentCardSignature(async (kid) => {
      expect(kid).toBe(key.publicKey);
      return { kty: 'OKP', crv: 'Ed25519', x: key.publicKey };
    });
    for (const path of ['', '/a2a/agents/greet']) {
      const answer = await fetch(`${url}${path}/.well-known/agent-card.json`);
      const card = (await answer.json()) as Json;
      await verify(card as never);
      await expect(verify({ ...card, name: 'other' } as never)).rejects.toThrow();
      expect(card['skills'].length).toBe(path === '' ? flows.length : 1);
      const etag = answer.headers.get('etag')!;
      const again = await fetch(`${url}${path}/.well-known/agent-card.json`, { headers: { 'if-none-match': etag } });
      expect(again.status).toBe(304);
    }
    expect((await fetch(`${url}/a2a/agents/none/.well-known/agent-card.json`)).status).toBe(404);
  });

  test('everything else wants a token', async () => {
    const { url } = await open();
    for (const path of ['/a2a/jsonrpc', '/a2a/rest/message:send', '/a2a/rest/greet/message:send'])
      expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(401);
    for (const path of ['/a2a/rest/tasks', '/a2a/rest/extendedAgentCard'])
      expect((await fetch(url + path)).status).toBe(401);
  });

  test('only what is published is shown and begun', async () => {
    const { url, send } = await open({ publish: ['greet'] });
    const card = (await (await fetch(`${url}/.well-known/agent-card.json`)).json()) as Json;
    expect(card['skills'].map((one: Json) => one['id'])).toEqual(['greet']);
    expect((await send('book', 'x'))['error']).toBeDefined();
  });
});

describe('tasks', () => {
  test('a message is a run; the same message is the same one; another caller has its own', async () => {
    const { send, site } = await open();
    const first = (await send('greet', 'ann'))['result'].task;
    expect(first).toMatchObject({
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ parts: [{ text: 'hello ann' }] }],
    });
    expect((await send('greet', 'ann'))['result'].task.id).toBe(first.id);
    expect((await send('greet', 'ann', {}, 'bob'))['result'].task.id).not.toBe(first.id);
    expect((await site.runs()).runs).toHaveLength(2);
  });

  test('what is not the caller’s is not there: to read, list, cancel, answer or be told of', async () => {
    const { send, rpc } = await open();
    const { id } = (await send('book', 'a flight'))['result'].task;
    const config = { taskId: id, url: 'https://example.com/x' };
    for (const [method, params] of [
      ['GetTask', { id }],
      ['CancelTask', { id }],
      ['CreateTaskPushNotificationConfig', config],
      ['ListTaskPushNotificationConfigs', { taskId: id }],
    ] as const)
      expect((await rpc(method, params, 'bob'))['error'].code).toBe(-32001);
    expect((await send('book', '1', { message: { taskId: id } }, 'bob'))['error'].code).toBe(-32001);
    expect((await rpc('ListTasks', {}, 'bob'))['result'].tasks).toEqual([]);
    expect((await rpc('ListTasks', {}))['result'].tasks).toMatchObject([{ id }]);
  });

  test('a question waits for the next message, whose steps are shown as artifacts', async () => {
    const { send } = await open();
    const asked = (await send('book', 'a flight'))['result'].task;
    expect(asked.status).toMatchObject({
      state: 'TASK_STATE_INPUT_REQUIRED',
      message: { parts: [{ text: 'Which seat?' }] },
    });
    const done = (await send('book', '12A', { message: { messageId: 'm2', taskId: asked.id } }))['result'].task;
    expect(done.status.state).toBe('TASK_STATE_COMPLETED');
    expect(done.artifacts.map((one: Json) => [one['artifactId'], one['parts'][0].text])).toEqual([
      ['ticket', '12A'],
      ['output', 'a flight'],
    ]);
    expect(done.history.map((one: Json) => one['parts'][0].text)).toEqual(['a flight', '12A']);
  });

  test('cancelled, refused, and who may not start', async () => {
    const { send, rpc } = await open();
    const slow = (await send('slow', 'x', { configuration: { returnImmediately: true } }))['result'].task;
    expect((await rpc('CancelTask', { id: slow.id }))['result'].status.state).toBe('TASK_STATE_CANCELED');
    expect((await rpc('CancelTask', { id: slow.id }))['error'].code).toBe(-32002);
    expect((await send('refuse', 'x'))['result'].task.status.state).toBe('TASK_STATE_REJECTED');
    expect((await send('greet', 'x', {}, 'eve'))['error'].message).toMatch(/lacks the right/);
  });

  test('clients of 0.3 are answered in its words', async () => {
    const { rpc, url } = await open();
    const card = (await (await fetch(`${url}/a2a/v0.3/.well-known/agent-card.json`)).json()) as Json;
    expect(card).toMatchObject({ protocolVersion: '0.3.0', url: `${url}/a2a/jsonrpc`, preferredTransport: 'JSONRPC' });
    const message = {
      kind: 'message',
      role: 'user',
      messageId: 'm',
      parts: [{ kind: 'text', text: 'ann' }],
      metadata: { skill: 'greet' },
    };
    const { result } = await rpc('message/send', { message }, 'ann', '0.3');
    expect(result).toMatchObject({
      kind: 'task',
      status: { state: 'completed' },
      artifacts: [{ parts: [{ text: 'hello ann' }] }],
    });
    expect((await rpc('tasks/get', { id: result.id }, 'ann', '0.3'))['result'].id).toBe(result.id);
  });
});

describe('push', () => {
  async function receive() {
    const got: { headers: IncomingMessage['headers']; body: Json }[] = [];
    const server = createServer((request, answer) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        got.push({ headers: request.headers, body: JSON.parse(text) as Json });
        answer.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => server.close());
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  test('addresses inside are refused before anything begins', async () => {
    const { send, site } = await open();
    const { url, got } = await receive();
    for (const inside of [url, 'http://169.254.169.254/', 'http://[::1]/', 'http://localhost/', 'file:///etc/passwd']) {
      const configuration = { taskPushNotificationConfig: { url: inside } };
      expect((await send('greet', 'x', { configuration }))['error'].code).toBe(-32602);
    }
    expect([got.length, (await site.runs()).runs.length]).toEqual([0, 0]);
  });

  test('each change is told, in order, with what the receiver knows it by', async () => {
    const { url, got } = await receive();
    const { send } = await open({ net: createNet({ allow: ['127.0.0.1'] }) });
    const taskPushNotificationConfig = { url, token: 'mine', authentication: { scheme: 'Bearer', credentials: 'c' } };
    const asked = (await send('book', 'a flight', { configuration: { taskPushNotificationConfig } }))['result'].task;
    await send('book', '12A', { message: { messageId: 'm2', taskId: asked.id } });
    await expect.poll(() => got.at(-1)?.body['statusUpdate']?.status.state).toBe('TASK_STATE_COMPLETED');
    const told = got.map(
      ({ body }) => body['statusUpdate']?.status.state ?? body['artifactUpdate'].artifact.artifactId,
    );
    expect(told).toEqual([
      'TASK_STATE_WORKING',
      'TASK_STATE_INPUT_REQUIRED',
      'TASK_STATE_WORKING',
      'ticket',
      'output',
      'TASK_STATE_COMPLETED',
    ]);
    expect(got[0]!.headers).toMatchObject({ 'x-a2a-notification-token': 'mine', authorization: 'Bearer c' });
  });
});

test("a task stands under its caller's trace", async () => {
  const { site, url, tokens } = await open();
  const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
  const message = { role: 'ROLE_USER', messageId: 'm1', parts: [{ text: 'Ann' }], metadata: { skill: 'greet' } };
  await fetch(`${url}/a2a/jsonrpc`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens.ann}`,
      'content-type': 'application/json',
      'a2a-version': '1.0',
      traceparent,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } }),
  });
  const [row] = (await site.runs()).runs;
  expect((await site.state(row!.run)).traceparent).toBe(traceparent);
});

test('whatever is sent is answered soon, and nothing breaks', { timeout: 60_000 }, async () => {
  const { url, tokens, send } = await open();
  const methods = fc.constantFrom('SendMessage', 'GetTask', 'ListTasks', 'SubscribeToTask', 'message/send', 'nothing');
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ jsonrpc: fc.constant('2.0'), id: fc.jsonValue(), method: methods, params: fc.jsonValue() })
      .map((one) => JSON.stringify(one)),
    fc
      .record({
        messageId: fc.jsonValue(),
        role: fc.jsonValue(),
        parts: fc.jsonValue(),
        taskId: fc.jsonValue(),
        metadata: fc.jsonValue(),
      })
      .map((message) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } })),
  );
  const path = fc.constantFrom(
    '/jsonrpc',
    '/rest/message:send',
    '/rest/message:stream',
    '/rest/tasks/x:cancel',
    '/rest/a/tasks/b:c:d',
  );
  await fc.assert(
    fc.asyncProperty(path, body, fc.constantFrom('1.0', '0.3', '', 'x'), async (where, text, version) => {
      const before = process.cpuUsage();
      const headers = {
        authorization: `Bearer ${tokens.ann}`,
        'content-type': 'application/json',
        'a2a-version': version,
      };
      const answer = await fetch(`${url}/a2a${where}`, { method: 'POST', headers, body: text });
      const said = await answer.text();
      // Work done by door and caller, whoever else is at work on this machine.
      expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
      expect(answer.status === 500 ? said : '').toBe('');
    }),
    { numRuns: 300 },
  );
  expect((await send('greet', 'ann'))['result'].task.status.state).toBe('TASK_STATE_COMPLETED');
});
