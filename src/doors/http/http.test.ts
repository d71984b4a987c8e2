/** The calls of the HTTP door, one after another. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDesk } from '../../../test/http/desk.ts';
import { workflow } from '../../author/index.ts';

const waits = workflow('waits', (run) => run.signal('go'));

let desk: Awaited<ReturnType<typeof openDesk>>;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(async () => {
  expect(desk.troubles).toEqual([]);
  await desk.site.stop();
});

async function started(who = 'ann', workflow = 'greet', input: unknown = { name: 'bo' }): Promise<string> {
  const { body, status } = await desk.call(who, 'POST', '/v1/runs', { workflow, input });
  expect(status).toBe(201);
  return (body as { run: string }).run;
}
const statusOf = async (...given: Parameters<typeof desk.call>) => (await desk.call(...given)).status;

describe('a run', () => {
  test('says what counts when its agents are chosen: a word or weights, and nothing else', async () => {
    const start = (prefer: unknown) =>
      desk.call('ann', 'POST', '/v1/runs', { workflow: 'greet', input: { name: 'bo' }, prefer });
    for (const prefer of ['cost', { quality: 1, speed: 2 }]) {
      const { body } = await start(prefer);
      expect((await desk.site.state((body as { run: string }).run)).prefer).toEqual(prefer);
    }
    expect((await start('cheap')).status).toBe(400);
    expect((await start({ quality: -1 })).status).toBe(400);
  });

  test('is started, waited for, listed, shown and read', async () => {
    const { call } = desk;
    const begun = await call('ann', 'POST', '/v1/runs', { workflow: 'greet', input: { name: 'bo' }, goal: 'be kind' });
    const { run } = begun.body as { run: string };
    expect([begun.status, begun.headers.get('location')]).toEqual([201, `/v1/runs/${run}`]);
    const output = await call('ann', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    expect([output.status, output.body]).toMatchObject([200, { run, outcome: 'completed', output: 'hello bo' }]);
    expect((await call('ann', 'GET', `/v1/runs/${run}`)).body).toMatchObject({
      phase: 'ended',
      goal: 'be kind',
      by: { id: 'ann' },
      steps: { asked: 1, open: 0, settled: 1 },
    });
    expect((await call('ann', 'GET', '/v1/runs?workflow=greet')).body.items[0]).toMatchObject({ run, status: 'ended' });
    const { items } = (await call('ann', 'GET', `/v1/runs/${run}/steps`)).body;
    expect(items).toMatchObject([{ step: 'hello', kind: 'ask', out: 'ok', output: 'hello bo' }]);
    const journal = (await call('ann', 'GET', `/v1/runs/${run}/journal?limit=2`)).body;
    expect([journal.items.length, journal.next, journal.items[0].event.type]).toEqual([2, 1, 'run.admitted']);
    const rest = (await call('ann', 'GET', `/v1/runs/${run}/journal?after=1`)).body;
    expect([rest.items[0].seq, rest.items.at(-1).event.type, rest.next]).toEqual([2, 'run.ended', undefined]);
    expect((await call('ann', 'GET', `/v1/runs/${run}/replay`)).body).toMatchObject({ equal: true });
    expect((await call('ann', 'GET', `/v1/runs/${run}/verify`)).body).toEqual({ run, whole: true, findings: [] });
  });

  test('is read in pages that one answer can hold', async () => {
    const begun = await desk.site.start('greet', { name: 'x'.repeat(3_000_000) });
    await begun.result();
    const { run } = begun;
    const sizes = [];
    for (let after: number | undefined = -1; after !== undefined;) {
      const query: string = after < 0 ? '' : `&after=${after}`;
      const { body } = await desk.call('ann', 'GET', `/v1/runs/${run}/journal?limit=1000${query}`);
      sizes.push(body.items.length);
      after = body.next;
    }
    const { events } = (await desk.call('ann', 'GET', `/v1/runs/${run}`)).body;
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((all, size) => all + size)).toBe(events);
  });

  test('takes one key for a gate and a signal', async () => {
    const run = await started('ann', 'pay');
    await desk.site.handle(run).untilAsked('ok');
    const key = { 'idempotency-key': 'the-same' };
    await desk.call('ann', 'POST', `/v1/runs/${run}/gates`, { step: 'ok', choice: 'approve' }, key);
    const statuses = [];
    for (const data of [0, 1, 0])
      statuses.push(await statusOf('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data }, key));
    expect(statuses).toEqual([202, 409, 202]);
    const { body } = await desk.call('ann', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    expect(body.output).toEqual({ by: 'ann', word: 0 });
  });

  test('that is not over has no output yet', async () => {
    const run = await started('ann', 'pay');
    expect(await desk.call('ann', 'GET', `/v1/runs/${run}/output`)).toMatchObject({
      status: 202,
      body: { run, phase: 'running' },
    });
    expect(await statusOf('ann', 'GET', `/v1/runs/${run}/output?waitMs=20`)).toBe(202);
  });

  test('hears persons and programs, each with their own right', async () => {
    const { call } = desk;
    const run = await started('starter', 'pay');
    await desk.site.handle(run).untilAsked('ok');
    const gates = (await call('starter', 'GET', `/v1/runs/${run}/gates`)).body;
    expect(gates.items).toMatchObject([{ step: 'ok', asks: 'gate', right: 'pay' }]);
    const approve = { step: 'ok', choice: 'approve' };
    expect(await statusOf('idle', 'POST', `/v1/runs/${run}/gates`, approve)).toBe(404);
    expect(await statusOf('starter', 'POST', `/v1/runs/${run}/gates`, approve)).toBe(403);
    expect(await statusOf('payer', 'POST', `/v1/runs/${run}/gates`, { ...approve, step: 'no' })).toBe(404);
    expect(await statusOf('ann', 'POST', `/v1/runs/${run}/gates`, { ...approve, step: 'no' })).toBe(409);
    const key = { 'idempotency-key': 'once' };
    expect(await statusOf('payer', 'POST', `/v1/runs/${run}/gates`, approve, key)).toBe(202);
    expect(await statusOf('starter', 'POST', `/v1/runs/${run}/signals`, { signal: 'go' })).toBe(403);
    expect(await statusOf('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data: 'now' }, key)).toBe(202);
    const { body } = await call('starter', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    expect(body).toMatchObject({ outcome: 'completed', output: { by: 'payer', word: 'now' } });
    expect(await statusOf('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go' })).toBe(409);
    expect(await statusOf('ann', 'POST', `/v1/runs/${run}/cancel`, { reason: 'late' })).toBe(409);
  });

  test('is cancelled by who started it, or who may', async () => {
    const run = await started('starter', 'pay');
    expect(await statusOf('idle', 'POST', `/v1/runs/${run}/cancel`, { reason: 'mine' })).toBe(404);
    expect(await statusOf('reader', 'POST', `/v1/runs/${run}/cancel`, { reason: 'mine' })).toBe(403);
    expect(await statusOf('starter', 'POST', `/v1/runs/${run}/cancel`, { reason: 'enough' })).toBe(202);
    const { body } = await desk.call('starter', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    expect(body).toMatchObject({ outcome: 'cancelled' });
  });

  test('is seen by who started it, and by who may read all', async () => {
    const run = await started('starter');
    for (const where of ['', '/output', '/steps', '/journal', '/gates', '/replay', '/verify', `/diff?with=${run}`]) {
      expect(await statusOf('starter', 'GET', `/v1/runs/${run}${where}`)).toBeLessThan(300);
      expect(await statusOf('reader', 'GET', `/v1/runs/${run}${where}`)).toBeLessThan(300);
      expect(await statusOf('idle', 'GET', `/v1/runs/${run}${where}`)).toBe(404);
    }
    const listed = async (who: string) => (await desk.call(who, 'GET', '/v1/runs?limit=1000')).body.items;
    expect((await listed('starter')).every((one: { by: string }) => one.by === 'starter')).toBe(true);
    expect((await listed('idle')).length).toBe(0);
    expect((await listed('reader')).length).toBeGreaterThan(2);
  });

  test('is started by who may start that workflow', async () => {
    expect(await statusOf('idle', 'POST', '/v1/runs', { workflow: 'greet', input: { name: 'x' } })).toBe(403);
    expect(await statusOf('greeter', 'POST', '/v1/runs', { workflow: 'greet', input: { name: 'x' } })).toBe(201);
    expect(await statusOf('greeter', 'POST', '/v1/runs', { workflow: 'pay' })).toBe(403);
    expect(await statusOf('ann', 'POST', '/v1/runs', { workflow: 'none' })).toBe(404);
    const wrong = await desk.call('ann', 'POST', '/v1/runs', { workflow: 'greet', input: { name: 1 } });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'input.invalid']);
  });

  test('forks, and the fork is told from it', async () => {
    const run = await started();
    await desk.call('ann', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    const key = { 'idempotency-key': `fork ${run}`.replace(' ', '-') };
    const first = await desk.call('ann', 'POST', `/v1/runs/${run}/fork`, { input: { name: 'cy' } }, key);
    const again = await desk.call('ann', 'POST', `/v1/runs/${run}/fork`, { input: { name: 'cy' } }, key);
    expect([first.status, again.status, again.body]).toEqual([201, 200, first.body]);
    const fork = first.body.run as string;
    const { body } = await desk.call('ann', 'GET', `/v1/runs/${fork}/output?waitMs=5000`);
    expect(body.output).toBe('hello cy');
    const diff = (await desk.call('ann', 'GET', `/v1/runs/${run}/diff?with=${fork}`)).body;
    expect([diff.equal, diff.run.output]).toEqual([false, ['hello bo', 'hello cy']]);
    const allow = { allowEffects: true };
    const own = await started('starter');
    expect(await statusOf('starter', 'POST', `/v1/runs/${own}/fork`, allow)).toBe(403);
    expect(await statusOf('reader', 'POST', `/v1/runs/${own}/fork`, {})).toBe(403);
  });

  test('loses its payloads, and says so', async () => {
    const run = await started();
    await desk.call('ann', 'GET', `/v1/runs/${run}/output?waitMs=5000`);
    const word = { seqs: 'all', reason: 'asked to' };
    expect(await statusOf('reader', 'POST', `/v1/runs/${run}/erase`, word)).toBe(403);
    const erased = await desk.call('ann', 'POST', `/v1/runs/${run}/erase`, word);
    expect(erased.body.erased).toBeGreaterThan(0);
    const { body } = await desk.call('ann', 'GET', `/v1/runs/${run}/journal`);
    expect(body.items.at(-1).event).toMatchObject({ type: 'payload.erased', by: { id: 'ann' } });
    expect(JSON.stringify(body)).not.toContain('hello bo');
  });
});

describe('Idempotency-Key', () => {
  test('starts one run, however often it is said; another request under it is refused', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const say = (name: string, who = 'ann') =>
      desk.call(who, 'POST', '/v1/runs', { workflow: 'greet', input: { name } }, key);
    const [first, second] = [await say('bo'), await say('bo')];
    expect([first.status, second.status, second.body]).toEqual([201, 200, first.body]);
    const other = await say('cy');
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    expect((await say('bo', 'starter')).body).not.toEqual(first.body);
    const both = await Promise.all([say('bo'), say('bo')]);
    expect(both.map(({ body }) => body)).toEqual([first.body, first.body]);
  });
  test('a word whose answer was lost is heard as the same, also when the run has ended by it', async () => {
    const { site } = desk;
    const { run } = await site.start(waits, null, { by: { id: 'ann', rights: ['*'] } });
    const key = { 'idempotency-key': 'said-once' };
    const say = () => desk.call('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data: 1 }, key);
    expect((await say()).status).toBe(202);
    await site.handle(run).result();
    expect((await say()).status).toBe(202);
    const changed = await desk.call('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data: 2 }, key);
    expect([changed.status, changed.body.detail]).toEqual([409, 'this Idempotency-Key was used for another request']);
    const other = await desk.call('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data: 1 });
    expect([other.status, other.body.code]).toEqual([409, 'conflict']);
  });
  test('an answer to a gate is one word: another one under its key is refused, and says what is wrong', async () => {
    const { site } = desk;
    const run = await started('ann', 'pay');
    await site.handle(run).untilAsked('ok');
    const key = { 'idempotency-key': 'answer-1' };
    const say = (choice: string, more = {}) =>
      desk.call('ann', 'POST', `/v1/runs/${run}/gates`, { step: 'ok', choice, ...more }, key);
    expect((await say('approve')).status).toBe(202);
    expect((await say('approve')).status).toBe(202);
    for (const other of [await say('deny'), await say('edit', { value: 5 }), await say('approve', { reason: 'so' })])
      expect([other.status, other.body.code]).toEqual([409, 'conflict']);
    await desk.call('ann', 'POST', `/v1/runs/${run}/signals`, { signal: 'go', data: 0 });
    await site.handle(run).result();
    const late = await say('deny');
    expect([late.status, late.body.detail]).toEqual([409, 'this Idempotency-Key was used for another request']);
    expect((await say('approve')).status).toBe(202);
  });
  test('must be one', async () => {
    for (const key of ['', 'a b', 'x'.repeat(256)]) {
      const { status } = await desk.call(
        'ann',
        'POST',
        '/v1/runs',
        { workflow: 'greet', input: { name: 'x' } },
        { 'idempotency-key': key },
      );
      expect([key.length, status]).toEqual([key.length, 400]);
    }
  });
});

describe('what is wrong with a request is said', () => {
  test.each([
    ['no JSON', 'POST', '/v1/runs', '{', 400, 'input.not-json'],
    ['a member unknown', 'POST', '/v1/runs', '{"workflow":"greet","inputs":{}}', 400, 'input.invalid'],
    ['a query unknown', 'GET', '/v1/runs?limits=3', undefined, 400, 'input.invalid'],
    ['a query twice', 'GET', '/v1/runs?limit=3&limit=4', undefined, 400, 'input.invalid'],
    ['a page too long', 'GET', '/v1/runs?limit=1001', undefined, 400, 'input.invalid'],
    ['a query where none is', 'GET', '/v1/site?x=1', undefined, 400, 'input.invalid'],
    ['no such run', 'GET', '/v1/runs/r_none', undefined, 404, 'not-found'],
    ['no such address', 'GET', '/v1/none', undefined, 404, 'not-found'],
    ['another method', 'DELETE', '/v1/runs', undefined, 405, 'method.refused'],
    ['control characters', 'GET', '/v1/runs/%00', undefined, 400, 'input.invalid'],
  ])('%s', async (_what, method, path, text, status, code) => {
    const response = await desk.door.app.request(`http://localhost${path}`, {
      method,
      headers: { authorization: `Bearer ${desk.tokens['ann']}`, 'content-type': 'application/json' },
      body: text,
    });
    const problem = await response.json();
    expect([response.status, problem]).toMatchObject([status, { status, code }]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    if (status === 405) expect(response.headers.get('allow')).toBe('POST, GET, HEAD');
  });
  test('a body that is not JSON by its type', async () => {
    const { status, body } = await desk.call('ann', 'POST', '/v1/runs', {}, { 'content-type': 'text/plain' });
    expect([status, body.code]).toEqual([415, 'media.refused']);
  });
});

describe('the site', () => {
  test('tells what it is, what it can do, and how it is', async () => {
    const { call } = desk;
    expect((await call('idle', 'GET', '/v1/site')).body).toMatchObject({ store: 'memory', principal: { id: 'idle' } });
    expect((await call('idle', 'GET', '/v1/workflows')).body.items[0]).toMatchObject({
      name: 'greet',
      kind: 'code',
      input: { properties: { name: { type: 'string' } } },
    });
    expect((await call('idle', 'GET', '/v1/agents')).body.items[0]).toMatchObject({ name: 'polite' });
    expect((await call('nobody', 'GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await call('nobody', 'GET', '/readyz')).body).toMatchObject({ status: 'ready' });
  });
  test('has figures for who may read them', async () => {
    expect(await statusOf('idle', 'GET', '/metrics')).toBe(403);
    const { body } = await desk.call('ann', 'GET', '/metrics');
    expect(body).toContain('# TYPE skein_http_requests_total counter');
    expect(body).toMatch(/skein_http_requests_total\{call="startRun",status="201"\} \d+/);
    expect(body).toMatch(/skein_runs_started_total\{workflow="greet"\} \d+/);
    expect(body).toMatch(/skein_runs_ended_total\{outcome="completed"\} \d+/);
    expect(body).toMatch(/skein_steps_settled_total\{out="ok"\} \d+/);
    expect(body).toMatch(/skein_commit_seconds_bucket\{barrier="true",le="\+Inf"\} [1-9]/);
    expect(body).toMatch(/skein_attempts_total\{agent="polite",skill="hello",end="answered"\} \d+/);
  });
});

describe('events', () => {
  async function read(path: string, headers: Record<string, string> = {}, who = 'ann'): Promise<string> {
    return (await desk.call(who, 'GET', path, undefined, headers)).body as string;
  }
  const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

  test('come in order, from any of them on, and end with the run', async () => {
    const run = await started();
    const all = await read(`/v1/runs/${run}/events`);
    const ids = idsOf(all);
    expect(ids).toEqual(ids.map((_id, i) => i));
    expect(all).toMatch(/^retry: 1000\n/);
    expect(all).toMatch(/"type":"run.ended".*\n\nevent: end\ndata: \{\}\n\n$/);
    expect(idsOf(await read(`/v1/runs/${run}/events?after=3`))).toEqual(ids.slice(4));
    expect(idsOf(await read(`/v1/runs/${run}/events?after=3`, { 'last-event-id': '5' }))).toEqual(ids.slice(6));
    expect(idsOf(await read(`/v1/runs/${run}/events?after=999`))).toEqual([]);
    const wrong = await desk.call('ann', 'GET', `/v1/runs/${run}/events`, undefined, { 'last-event-id': 'x' });
    expect(wrong.status).toBe(400);
  });
  test('are not kept open for who asks only for their head', async () => {
    const run = await started('ann', 'pay');
    const { status, body } = await desk.call('ann', 'HEAD', `/v1/runs/${run}/events`);
    expect([status, body, desk.door.guard.counts().streams]).toEqual([200, '', 0]);
  });
  test('come while the run goes on; a reader that leaves gives its place back', async () => {
    const run = await started('ann', 'pay');
    const response = await desk.door.app.request(`http://localhost/v1/runs/${run}/events`, {
      headers: { authorization: `Bearer ${desk.tokens['ann']}` },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (word: string) => {
      while (!text.includes(word)) text += (await reader.read()).value ?? '';
    };
    await until('"kind":"gate"');
    await desk.site.approve(run, 'ok');
    await until('gate.answered');
    expect(desk.door.guard.counts().streams).toBe(1);
    await reader.cancel();
    expect(desk.door.guard.counts().streams).toBe(0);
    await desk.site.cancel(run, 'enough');
  });
});
