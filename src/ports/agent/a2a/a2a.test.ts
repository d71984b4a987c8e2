import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type AnyWorkflow, workflow } from '../../../author/index.ts';
import { Fault, type Json } from '../../../base/index.ts';
import { type A2aDoorOptions, serveA2a } from '../../../doors/a2a/index.ts';
import { createToken, tokenList } from '../../../doors/guard/index.ts';
import { createSiteKey } from '../../../site/audit/key.ts';
import { realClock } from '../../../site/clock.ts';
import { openSite } from '../../../site/site.ts';
import { createNet } from '../../net/index.ts';
import { agentContract, type AgentLab } from '../contract.ts';
import { readAgentDeclaration } from '../declare.ts';
import type { Agent, AgentCall } from '../port.ts';
import { createA2aAgent } from './agent.ts';
import { open as openDeclared } from './index.ts';
import type { A2aAgentOptions, A2aBinding } from './options.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A site of ours at the other end: what it is asked is worked durably there. */
async function serve(workflows: AnyWorkflow[], publish?: A2aDoorOptions['publish'], store = 'memory:', port = 0) {
  const site = await openSite({ store, workflows });
  const { key } = createSiteKey();
  const token = createToken();
  const serving = await serveA2a({
    site,
    clock: realClock,
    net: createNet(),
    version: '1.0.0',
    publish,
    key,
    tokens: tokenList([{ token, principal: { id: 'ann', rights: ['*'] } }]),
    grpc: {},
    port,
  });
  const close = async (): Promise<void> => {
    await serving.close();
    await site.stop({ graceMs: 0 });
  };
  opened.push(close);
  return { site, key, token, serving, close };
}

type Served = Awaited<ReturnType<typeof serve>>;

async function openAgent({ serving, token }: Served, more: Partial<A2aAgentOptions> = {}): Promise<Agent> {
  const agent = await createA2aAgent({ name: 'far', url: serving.url, token: () => token, ...more });
  opened.push(() => agent.close!());
  return agent;
}

function callOf(skill: string, input?: unknown, more: Partial<AgentCall> = {}): AgentCall {
  const signal = new AbortController().signal;
  const call = { run: 'r', step: 's', attempt: 1, skill, labels: [], effect: 'pure', key: 'k', deadlineMs: undefined };
  return { ...call, input, signal, ...more } as AgentCall;
}

async function faultOf(work: unknown): Promise<Fault> {
  const thrown: unknown = await Promise.resolve(work).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Fault);
  return thrown as Fault;
}

function createLab(binding: A2aBinding): AgentLab {
  const payments = new Map<string, number>();
  const flows: AnyWorkflow[] = [
    workflow('echo', (_run, input) => input),
    workflow('fail', () => {
      throw new Error('no');
    }),
    workflow('fault', () => {
      throw new Fault('agent.busy', 'later', { afterMs: 5 });
    }),
    workflow('hang', (run) => run.wait('long', { ms: 60_000 })),
    workflow('pay', (run, { metadata: { key } }: { metadata: { key: string } }) =>
      run.code('pay', () => payments.set(key, (payments.get(key) ?? 0) + 1).size),
    ),
    workflow('refund', (run, { key }: { key: string }) => run.code('back', () => payments.delete(key))),
  ];
  return {
    async open() {
      const publish = flows.map(({ name: flow }) =>
        flow === 'pay' ? { workflow: flow, takes: 'message' as const } : flow,
      );
      const served = await serve(flows, publish);
      return openAgent(served, {
        bindings: [binding],
        // gRPC has a port of its own.
        allow: ['127.0.0.1'],
        listsAll: true,
        skills: [
          ...['echo', 'fail', 'fault', 'hang'].map((name) => ({ name, effect: 'pure' as const })),
          { name: 'pay', effect: 'reversible', keyed: true, undo: 'refund' },
        ],
      });
    },
    paid: (key) => payments.get(key) ?? 0,
    close: async () => {},
  };
}

describe.for(['JSONRPC', 'HTTP+JSON', 'GRPC'] as A2aBinding[])('A2A agent over %s', (binding) => {
  test.for(agentContract)('$name', async (row) => row.run(createLab(binding)));
});

describe('cards', () => {
  const flows = [workflow('echo', (_run, input) => input)];

  test('a skill says nothing of its effect: it is irreversible, until it is declared', async () => {
    const served = await serve(flows);
    const plain = await openAgent(served);
    expect(plain.skills).toMatchObject([{ name: 'echo', effect: 'irreversible', undeclared: true }]);
    const declared = readAgentDeclaration({
      name: 'far',
      a2a: { url: served.serving.url, key: served.key.publicKey },
      keyEnv: 'FAR',
      skills: [{ name: 'echo', effect: 'pure' }],
    });
    const agent = await openDeclared(declared as never, { env: { FAR: served.token }, clock: realClock });
    opened.push(() => agent.close!());
    expect(agent.skills).toMatchObject([{ name: 'echo', effect: 'pure' }]);
    expect((await agent.call(callOf('echo', { a: 1 }))).output).toEqual({ a: 1 });
  });

  /** Shows a card as somebody else would. */
  async function show(card: unknown): Promise<string> {
    const server = createServer((_request, answer) => answer.end(JSON.stringify(card)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function cardOf({ serving }: Served): Promise<Record<string, unknown>> {
    return (await fetch(`${serving.url}/.well-known/agent-card.json`)).json() as Promise<Record<string, unknown>>;
  }

  test('a card that the named key signed is believed', async () => {
    const served = await serve(flows);
    const agent = await openAgent(served, { key: served.key.publicKey });
    expect((await agent.call(callOf('echo', 'hi'))).output).toBe('hi');
  });

  test('forged cards are refused: unsigned, signed by another, changed after signing', async () => {
    const served = await serve(flows);
    const card = await cardOf(served);
    const key = served.key.publicKey;
    const signatures = card['signatures'] as { protected: string; signature: string }[];
    const [signature] = signatures;
    const broken = `${signature!.signature.startsWith('A') ? 'B' : 'A'}${signature!.signature.slice(1)}`;
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const forged = [
      { ...card, signatures: [] },
      { ...card, name: 'somebody else' },
      { ...card, signatures: [{ ...signature, signature: broken }] },
      { ...card, signatures: [{ protected: none, signature: '' }] },
      {
        ...card,
        supportedInterfaces: [{ url: 'http://127.0.0.1:1/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      },
    ];
    for (const one of forged) {
      const url = await show(one);
      expect((await faultOf(createA2aAgent({ name: 'x', url, key }))).code).toBe('agent.refused');
    }
    const other = createSiteKey().key.publicKey;
    const url = served.serving.url;
    expect((await faultOf(createA2aAgent({ name: 'x', url, key: other }))).code).toBe('agent.refused');
  });

  test('a card shown by another host leads to no other: it was replayed there, and our token would follow', async () => {
    const served = await serve(flows);
    const url = (await show(await cardOf(served))).replace('127.0.0.1', 'localhost');
    const fault = await faultOf(createA2aAgent({ name: 'x', url, key: served.key.publicKey, token: () => 'mine' }));
    expect(fault.code).toBe('agent.refused');
    expect(fault.message).toContain('`hosts`');
  });

  test('a card that leads inside, at the host it came from, is not followed there', async () => {
    const served = await serve(flows);
    const card = await cardOf(served);
    const url = await show({
      ...card,
      supportedInterfaces: [{ url: served.serving.url, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    });
    const agent = await createA2aAgent({ name: 'x', url });
    opened.push(() => agent.close!());
    expect((await faultOf(agent.call(callOf('echo', 1)))).code).toBe('address.refused');
  });

  test('what is no card, and nobody, are told apart', async () => {
    const url = await show('hello');
    expect((await faultOf(createA2aAgent({ name: 'x', url }))).code).toBe('agent.refused');
    expect((await faultOf(createA2aAgent({ name: 'x', url: 'http://127.0.0.1:1' }))).code).toBe('agent.lost');
  });
});

test('an agent that is away when it is opened is called when it is there, by what was declared of it', async () => {
  const flows = [workflow('echo', (_run, input) => input)];
  const before = await serve(flows);
  const { url } = before.serving;
  await before.close();
  let token = '';
  const skills = [{ name: 'echo', effect: 'pure' as const }];
  const agent = await createA2aAgent({ name: 'far', url, token: () => token, skills });
  opened.push(() => agent.close!());
  expect(agent.skills).toMatchObject([{ name: 'echo', effect: 'pure' }]);
  expect((await faultOf(agent.call(callOf('echo', 1)))).code).toBe('agent.busy');
  ({ token } = await serve(flows, undefined, 'memory:', Number(new URL(url).port)));
  expect((await agent.call(callOf('echo', 1))).output).toBe(1);
});

describe('tasks', () => {
  test.for(['JSONRPC', 'HTTP+JSON', 'GRPC'] as A2aBinding[])(
    'over %s a task that asks ends the call with its question; the call made again takes the answer to it, once',
    async (binding) => {
      const served = await serve([
        workflow('book', async (run) => {
          const seat = await run.gate('seat', { show: 'Which seat?' });
          const meal = await run.gate('meal', { show: 'Which meal?' });
          return [seat.value, meal.value];
        }),
      ]);
      const skills = [{ name: 'book', effect: 'idempotent' as const, keyed: true }];
      const agent = await openAgent(served, { bindings: [binding], allow: ['127.0.0.1'], skills });
      const answers: Record<string, Json> = {};
      for (const [message, answer] of [
        ['Which seat?', '12A'],
        ['Which meal?', { warm: true }],
      ] as const) {
        const call = callOf('book', 'a flight', { answers: { ...answers } });
        const fault = await faultOf(agent.call(call));
        expect(fault).toMatchObject({ code: 'input.required', detail: { question: { message, wants: 'input' } } });
        // Asked again, without an answer, it is the same question of the same task.
        const { question } = fault.detail as { question: { key: string } };
        expect((await faultOf(agent.call(call))).detail).toEqual({ question });
        answers[question.key] = answer;
      }
      const call = callOf('book', 'a flight', { answers });
      expect((await agent.call(call)).output).toEqual(['12A', { warm: true }]);
      expect((await agent.call(call)).output).toEqual(['12A', { warm: true }]);
      const { runs } = await served.site.runs();
      expect(runs).toHaveLength(1);
      expect((await served.site.state(runs[0]!.run)).heard.size).toBe(2);
    },
  );

  test.for(['JSONRPC', 'HTTP+JSON', 'GRPC'] as A2aBinding[])(
    'over %s the run there stands under our trace',
    async (binding) => {
      const served = await serve([workflow('echo', (_run, input) => input)]);
      const agent = await openAgent(served, { bindings: [binding], allow: ['127.0.0.1'] });
      const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
      await agent.call(callOf('echo', 1, { traceparent }));
      const [row] = (await served.site.runs()).runs;
      expect((await served.site.state(row!.run)).traceparent).toBe(traceparent);
    },
  );

  test('authentication that is asked for is told as such; what another agent was answered is not sent', async () => {
    const served = await serve([workflow('mail', (run) => run.gate('login', { right: 'auth', show: 'Log in' }))]);
    const agent = await openAgent(served);
    const { detail } = await faultOf(agent.call(callOf('mail')));
    expect(detail).toMatchObject({ question: { wants: 'authentication', message: 'Log in' } });
    const { key } = (detail as { question: { key: string } }).question;
    const answers = { [key.replace('|far|', '|other|')]: {} };
    expect((await faultOf(agent.call(callOf('mail', undefined, { answers })))).detail).toEqual(detail);
  });

  test('the same key is one task, however often it is sent', async () => {
    let worked = 0;
    const served = await serve([workflow('pay', (run) => run.code('pay', () => ++worked))]);
    const agent = await openAgent(served);
    for (let i = 0; i < 3; i++) expect((await agent.call(callOf('pay', 5))).output).toBe(1);
    expect((await agent.call(callOf('pay', 5, { key: 'other' }))).output).toBe(2);
  });

  test('a call that may have been made before finds its task and waits for it', async () => {
    const served = await serve([workflow('long', (run) => run.wait('a while', { ms: 600 }).then(() => 'done'))]);
    const agent = await openAgent(served);
    const first = faultOf(agent.call(callOf('long', 'x')));
    await untilRuns(served);
    await agent.close!();
    expect((await first).code).toBe('site.stopped');
    const later = await openAgent(served);
    expect((await later.call(callOf('long', 'x', { again: true }))).output).toBe('done');
    expect(await later.reconcile!(callOf('long', 'x'))).toEqual({ happened: true, output: 'done' });
    expect((await served.site.runs()).runs).toHaveLength(1);
  });

  async function untilRuns({ site }: Served) {
    for (;;) {
      const list = await site.runs();
      if (list.runs.length > 0) return list;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});
