/**
 * The contract of the HTTP door, read from its own OpenAPI document: every call is brought to every status that the
 * document promises for it, and answers as it promises. A call or a status that is added without an example here fails.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpDoor, type HttpDoorOptions } from '../../src/doors/http/index.ts';
import { openDesk, textOf } from './desk.ts';
import { type Operation, operations, wrongWith } from './document.ts';

interface Ask {
  who?: string;
  run?: string;
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
  door?: 'broken' | 'busy' | 'strict';
}

let desk: Awaited<ReturnType<typeof openDesk>>;
const doors: Record<string, Awaited<ReturnType<typeof createHttpDoor>>> = {};
const runs: Record<'ended' | 'open' | 'gated', string> = { ended: '', open: '', gated: '' };
let isBroken = false;

beforeAll(async () => {
  desk = await openDesk({ drifts: true });
  const tokens = Object.entries(desk.tokens).map(([id, token]) => ({ token, principal: { id, rights: ['*'] } }));
  const open = (site: typeof desk.site, options: Partial<HttpDoorOptions>) =>
    createHttpDoor(site, { tokens, ...options });
  // A site of which every part throws, once the door stands.
  const broken = new Proxy(desk.site, {
    get(site, member) {
      if (isBroken) throw new Error('a part broke');
      return Reflect.get(site, member) as unknown;
    },
  });
  doors['broken'] = await open(broken, {});
  isBroken = true;
  doors['busy'] = await open(desk.site, { limits: { atOnce: 0 } });
  doors['strict'] = await open(desk.site, { limits: { addressBurst: 0 } });
  const start = async (workflow: string, input?: unknown) =>
    (await desk.call('ann', 'POST', '/v1/runs', { workflow, input })).body.run as string;
  runs.ended = await start('greet', { name: 'bo' });
  await desk.site.handle(runs.ended).result();
  runs.open = await start('pay');
  runs.gated = await start('pay');
  await desk.site.handle(runs.gated).untilAsked('ok');
});
afterAll(() => desk.site.stop());

/** A request that a call takes well, by its name. */
const good: Record<string, () => Ask> = {
  startRun: () => ({ body: { workflow: 'greet', input: { name: 'bo' } } }),
  answerGate: () => ({ run: runs.gated, body: { step: 'ok', choice: 'approve' } }),
  signalRun: () => ({ run: runs.open, body: { signal: 'go' } }),
  cancelRun: () => ({ run: runs.open, body: { reason: 'enough' } }),
  resolveDrift: () => ({ run: drifting, body: { step: 'hello', choice: 'keep' } }),
  forkRun: () => ({ run: runs.ended, body: {} }),
  eraseRun: () => ({ run: runs.ended, body: { seqs: [1], reason: 'asked to' } }),
  diffRuns: () => ({ run: runs.ended, query: `?with=${runs.ended}` }),
};
let drifting = '';

/** What brings a call to a status: by status for all, by call and status where it takes more. */
const bring: Record<string, (operation: Operation) => Ask> = {
  '400': ({ method }) => (method === 'POST' ? { body: { nothing: 'of the kind' } } : { query: '?nothing=1' }),
  '401': () => ({ who: 'nobody' }),
  '403': () => ({ headers: { origin: 'http://evil.example' } }),
  '404': () => ({ run: 'r_none' }),
  '413': () => ({ body: { long: 'x'.repeat(1_048_577) } }),
  '415': () => ({ headers: { 'content-type': 'text/plain' } }),
  '421': () => ({ headers: { host: 'evil.example' } }),
  '429': () => ({ door: 'strict' }),
  '500': () => ({ door: 'broken' }),
  '503': () => ({ door: 'busy' }),
  'siteEvents 409': () => ({ headers: { 'last-event-id': '0-999999' } }),
  'startRun 200': () => ({ headers: { 'idempotency-key': 'said-before' } }),
  'startRun 404': () => ({ body: { workflow: 'none' } }),
  'startRun 409': () => ({
    headers: { 'idempotency-key': 'said-before' },
    body: { workflow: 'greet', input: { name: 'another' } },
  }),
  'forkRun 200': () => ({ headers: { 'idempotency-key': 'forked-before' } }),
  'forkRun 409': () => ({ run: runs.gated, headers: { 'idempotency-key': 'forked-before' } }),
  'runOutput 202': () => ({ run: runs.open }),
  'answerGate 409': () => ({ body: { step: 'none', choice: 'approve' } }),
  'signalRun 409': () => ({ run: runs.ended }),
  'cancelRun 409': () => ({ run: runs.ended }),
  'resolveDrift 409': () => ({ run: runs.open }),
  'eraseRun 409': () => ({ run: runs.gated, body: { seqs: 'all', reason: 'asked to' } }),
};

const cases = operations.flatMap((operation) =>
  [...operation.answers.keys()].map((status) => ({ operation, status, title: `${operation.name} ${status}` })),
);
/** What changes a run for good comes last. */
const isLast = ({ title }: { title: string }) => /^(?:cancelRun|answerGate|eraseRun) 20/.test(title);

describe('every call answers with every status that it promises', () => {
  const ordered = [...cases.filter((one) => !isLast(one)), ...cases.filter(isLast)];
  test.each(ordered)('$title', async ({ operation, status, title }) => {
    if (title === 'resolveDrift 202') drifting = await desk.drifting();
    const base = good[operation.name]?.() ?? (operation.path.includes('{run}') ? { run: runs.ended } : {});
    const isWell = status < 300;
    const more = bring[title]?.(operation) ?? (isWell ? {} : bring[String(status)]?.(operation));
    if (more === undefined) throw new Error(`there is no example of ${title}`);
    const ask = { ...base, ...more };
    const repeats = ['startRun 200', 'forkRun 200'].includes(title) ? 2 : 1;
    let got = await send(operation, ask);
    for (let i = 1; i < repeats; i++) got = await send(operation, ask);
    expect([got.status, got.body.slice(0, 300)]).toEqual([status, expect.anything()]);
    expect(wrongWith(operation, got)).toBeUndefined();
  });
});

test('every path refuses other methods, and names those it takes', async () => {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const known = operations.filter((operation) => operation.path === path).map(({ method }) => method);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST', 'GET'].filter((one) => !known.includes(one))) {
      const response = await desk.door.app.request(`http://localhost${path.replace('{run}', runs.ended)}`, {
        method,
        headers: { authorization: `Bearer ${desk.tokens['ann']}` },
      });
      expect([path, method, response.status]).toEqual([path, method, 405]);
      for (const one of known) expect(response.headers.get('allow')).toContain(one);
    }
  }
});

async function send(operation: Operation, ask: Ask) {
  const app = (ask.door === undefined ? desk.door : doors[ask.door]!).app;
  const token = desk.tokens[ask.who ?? 'ann'];
  const path = operation.path.replace('{run}', encodeURIComponent(ask.run ?? ''));
  const response = await app.request(`http://localhost${path}${ask.query ?? ''}`, {
    method: operation.method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(operation.method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...ask.headers,
    },
    body: operation.method === 'POST' ? JSON.stringify(ask.body ?? {}) : undefined,
  });
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: await textOf(response) };
}
