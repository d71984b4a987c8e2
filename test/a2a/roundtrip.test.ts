// Both directions with the official SDK at the other end, each side killed by kill -9 in the middle and started again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, Role, type Task, TaskState } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from '@a2a-js/sdk/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createToken } from '../../src/doors/guard/index.ts';
import { start, type Started } from './start.ts';

const TEST_MS = 30_000;
let folder = '';
const started: Started[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-a2a-'));
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: Parameters<typeof start>): Promise<Started> {
  const one = await start(...args);
  started.push(one);
  return one;
}

describe.for(['JSONRPC', 'HTTP+JSON'])('a site used by the official client over %s', (binding) => {
  async function connect(url: string, token: string): Promise<Client> {
    const fetchImpl: typeof fetch = (to, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return fetch(to, { ...init, headers });
    };
    const factory = new ClientFactory({
      transports: [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl })],
      preferredTransports: [binding],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    });
    return factory.createFromUrl(url);
  }

  const message = (messageId: string, skill: string, text: string, taskId = ''): Message => ({
    messageId,
    contextId: '',
    taskId,
    role: Role.ROLE_USER,
    parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: '' }],
    metadata: { skill },
    extensions: [],
    referenceTaskIds: [],
  });
  const send = (client: Client, said: Message, returnImmediately: boolean): Promise<Task> =>
    client.sendMessage({
      tenant: '',
      message: said,
      configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately },
      metadata: undefined,
    }) as Promise<Task>;

  test('a task survives kill -9, is found by its id, and is begun once', { timeout: TEST_MS }, async () => {
    const token = createToken();
    const store = join(folder, 'site.db');
    const first = await run('site', store, '0', token);
    const port = new URL(first.said).port;
    const client = await connect(first.said, token);
    const begun = await send(client, message('m1', 'report', 'geese'), true);
    await sleep(100);
    await first.kill();
    await expect(client.getTask({ tenant: '', id: begun.id })).rejects.toThrow();
    await run('site', store, port, token);
    const again = await send(client, message('m1', 'report', 'geese'), false);
    expect(again.id).toBe(begun.id);
    const done = await client.getTask({ tenant: '', id: begun.id });
    expect(done.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    const [part] = done.artifacts[0]!.parts;
    const { first: by, ended } = (part!.content as { value: { first: string; ended: string } }).value;
    expect(by).toMatch(/^geese: begun by/);
    expect(by.split(' ').at(-1)).not.toBe(ended.split(' ').at(-1));
    const { totalSize } = await client.listTasks({
      tenant: '',
      contextId: '',
      status: TaskState.TASK_STATE_UNSPECIFIED,
      pageToken: '',
      statusTimestampAfter: undefined,
    });
    expect(totalSize).toBe(1);
  });

  test('a question is asked before the kill and answered after it, over a stream', { timeout: TEST_MS }, async () => {
    const token = createToken();
    const store = join(folder, 'site.db');
    const first = await run('site', store, '0', token);
    const client = await connect(first.said, token);
    const asked = await send(client, message('m1', 'book', 'a flight'), false);
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    await first.kill();
    await run('site', store, new URL(first.said).port, token);
    const seen: string[] = [];
    for await (const { payload } of client.sendMessageStream({
      tenant: '',
      message: message('m2', 'book', '12A', asked.id),
      configuration: undefined,
      metadata: undefined,
    })) {
      seen.push(payload!.$case);
      if (payload?.$case === 'artifactUpdate')
        expect(payload.value.artifact?.parts[0]?.content).toEqual({ $case: 'text', value: 'a flight, seat 12A' });
    }
    expect(seen[0]).toBe('task');
    expect(seen).toContain('artifactUpdate');
    expect(seen.at(-1)).toBe('statusUpdate');
  });
});

describe('our adapter at an agent on the official SDK', () => {
  test(
    'the agent is killed while it works: the step is worked again where it comes back',
    { timeout: TEST_MS },
    async () => {
      const agent = await run('server');
      const caller = await run('caller', join(folder, 'c.db'), agent.said, 'r', 'wait 800');
      await sleep(300);
      await agent.kill();
      const answer = caller.next();
      await run('server', new URL(agent.said).port);
      expect(JSON.parse(await answer)).toMatchObject({ outcome: 'completed', output: 'WAIT 800 #1' });
    },
  );

  test(
    'we are killed while it works: the task is found and waited for, not sent again',
    { timeout: TEST_MS },
    async () => {
      const agent = await run('server');
      const args = [join(folder, 'c.db'), agent.said, 'r'] as const;
      const first = await run('caller', ...args, 'wait 2500');
      await sleep(600);
      await first.kill();
      const second = await run('caller', ...args, 'wait 2500');
      expect(JSON.parse(await second.next())).toMatchObject({ outcome: 'completed', output: 'WAIT 2500 #1' });
      const third = await run('caller', join(folder, 'd.db'), agent.said, 'r2', 'now 0');
      expect(JSON.parse(await third.next())).toMatchObject({ output: 'NOW 0 #2' });
    },
  );
});
