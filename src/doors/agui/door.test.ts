import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { realClock } from '../../site/clock.ts';
import { openSite } from '../../site/site.ts';
import { createGuard, createToken, type GuardEnv, tokenList } from '../guard/index.ts';
import { checkAgUi } from '../../../test/agui/order.ts';
import { createAgUiDoor } from './index.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const flows = [
  workflow('greet', async (run, name: string) => `hello ${await run.ask<string>('shout', name)}`),
  workflow('book', async (run, what: string) => {
    const { value } = await run.gate<string>('seat', { show: 'Which seat?' });
    return { what, seat: value };
  }),
  workflow('crowd', async (run, many: number) => {
    const names = Array.from({ length: many }, (_, i) => `n${i}`);
    const said = await run.map('shouts', names, { itemKey: (name) => name, width: 4 }, (name, inner) =>
      inner.ask<string>('shout', name),
    );
    await run.wait('a while', { ms: 30 });
    const flaky = await run.ask('flaky', 'x', { retry: { firstMs: 1, maxMs: 1 } });
    return { said, flaky };
  }),
  workflow('idle', (run) => run.signal('go')),
  workflow('fail', () => {
    throw new Fault('agent.refused', 'no');
  }),
];

async function open() {
  let tries = 0;
  const flaky = (text: string): string => {
    if (++tries === 1) throw new Fault('agent.busy', 'later', { afterMs: 1 });
    return text;
  };
  const agents = [functionAgent('loud', { skills: { shout: (text: string) => text.toUpperCase(), flaky } })];
  const site = await openSite({ workflows: flows, agents });
  opened.push(() => site.stop());
  const tokens = { ann: createToken(), bob: createToken() };
  const door = createAgUiDoor(site);
  const guard = createGuard({
    tokens: tokenList([
      { token: tokens.ann, principal: { id: 'ann', rights: ['run:start', 'gate:answer'] } },
      { token: tokens.bob, principal: { id: 'bob', rights: ['run:start'] } },
    ]),
    audience: ['ag-ui'],
    clock: realClock,
  });
  door.open(guard);
  const app = new Hono<GuardEnv>();
  app.use('*', guard.middleware);
  app.route('/ag-ui', door.app);
  async function call(path: string, body?: unknown, who: 'ann' | 'bob' = 'ann') {
    const answer = await app.request(`http://localhost/ag-ui${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const events = [...text.matchAll(/^data: (.*)$/gm)].map((found) => JSON.parse(found[1]!) as Told);
    if (answer.status === 200) checkAgUi(events);
    return { status: answer.status, events, types: events.map((one) => one.type), text };
  }
  return { site, call, guard };
}

type Told = { type: string; [more: string]: unknown };

const say = (runId: string, content: string, more = {}) => ({
  threadId: 't',
  runId,
  messages: [{ id: 'm', role: 'user', content }],
  tools: [],
  context: [],
  state: {},
  ...more,
});

describe('AG-UI', () => {
  test('a run is begun by an input, told step by step, and ends with its answer', async () => {
    const { call, guard } = await open();
    const { types, events } = await call('/greet', say('r1', 'ann'));
    expect(types.join(' ')).toBe(
      'RUN_STARTED STEP_STARTED STEP_FINISHED ' +
        'TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT TEXT_MESSAGE_END RUN_FINISHED',
    );
    expect(events[0]).toMatchObject({ threadId: 't', runId: 'r1' });
    expect(events.at(-1)).toMatchObject({ runId: 'r1', result: 'hello ANN', outcome: { type: 'success' } });
    expect(guard.counts().streams).toBe(0);
  });

  test('the same thread and run are one run, however often they are sent', async () => {
    const { call, site } = await open();
    await call('/greet', say('r1', 'ann'));
    expect((await call('/greet', say('r1', 'ann'))).events.at(-1)).toMatchObject({ result: 'hello ANN' });
    expect((await site.runs()).runs).toHaveLength(1);
  });

  test('a question is an interrupt; the answer that resumes it is told to its end', async () => {
    const { call } = await open();
    const asked = await call('/book', say('r1', 'a flight'));
    expect(asked.types).toEqual(['RUN_STARTED', 'STEP_STARTED', 'STEP_FINISHED', 'RUN_FINISHED']);
    const { outcome } = asked.events.at(-1) as unknown as { outcome: { interrupts: { id: string }[] } };
    expect(outcome).toMatchObject({
      type: 'interrupt',
      interrupts: [{ message: 'Which seat?', reason: 'skein.gate' }],
    });
    const resume = [{ interruptId: outcome.interrupts[0]!.id, status: 'resolved', payload: '12A' }];
    const done = await call('/book', say('r2', '', { resume }));
    expect(done.events[0]).toMatchObject({ type: 'RUN_STARTED', runId: 'r2' });
    expect(done.events.at(-1)).toMatchObject({ runId: 'r2', result: { what: 'a flight', seat: '12A' } });
  });

  test('an answer by somebody else is refused, and what is not theirs is not there', async () => {
    const { call, site } = await open();
    await call('/book', say('r1', 'a flight'));
    const { runs } = await site.runs();
    const resume = [{ interruptId: `${runs[0]!.run} seat`, status: 'resolved' }];
    expect((await call('/book', say('r2', '', { resume }), 'bob')).status).toBe(404);
    expect((await call(`/runs/${runs[0]!.run}`, undefined, 'bob')).status).toBe(404);
    expect((await call(`/runs/${runs[0]!.run}`)).types.at(-1)).toBe('RUN_FINISHED');
  });

  test('a run that fails ends with its fault', async () => {
    const { call } = await open();
    expect((await call('/fail', say('r1', 'x'))).events.at(-1)).toMatchObject({
      type: 'RUN_ERROR',
      code: 'agent.refused',
    });
  });

  test('a crowd, what heals, a cancel, an empty answer: in the order that the protocol wants', async () => {
    const { call, site } = await open();
    const { types, events } = await call('/crowd', say('r1', '', { forwardedProps: { input: 12 } }));
    expect(types.filter((type) => type === 'STEP_STARTED').length).toBeGreaterThanOrEqual(14);
    expect(events.some(({ name }) => name === 'skein.fault.healed')).toBe(true);
    const idle = call('/idle', say('r2', ''));
    await expect.poll(async () => (await site.runs({ status: 'open' })).runs.length).toBe(1);
    const [row] = (await site.runs({ status: 'open' })).runs;
    await site.cancel(row!.run, 'enough');
    expect((await idle).events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'cancelled' } });
    const quiet = call('/idle', say('r3', ''));
    await expect.poll(async () => (await site.runs({ status: 'open' })).runs.length).toBe(1);
    await site.signal((await site.runs({ status: 'open' })).runs[0]!.run, 'go', '');
    expect((await quiet).types.at(-1)).toBe('RUN_FINISHED');
    // Told again from the middle, it is whole in itself.
    const { run } = (await site.runs({ workflow: 'crowd' })).runs[0]!;
    for (const after of [3, 20, 1_000]) await call(`/runs/${run}?after=${after}`);
    expect((await call(`/runs/${run}?after=x`)).status).toBe(400);
  });

  test('what is no input is refused with what is wrong in it', async () => {
    const { call } = await open();
    const { status, text } = await call('/greet', { threadId: '' });
    expect(status).toBe(400);
    expect(text).toContain('runId');
  });
});
