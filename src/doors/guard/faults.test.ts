/** A door that goes wrong on purpose, over real connections. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DoorTrouble } from '../../site/faults/index.ts';
import { withDoorFaults } from './faults.ts';
import { listen, type Listening } from './listen.ts';

let next: DoorTrouble | undefined;
let worked = 0;
const asked: string[] = [];
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
let door: Listening;
beforeAll(async () => {
  const decide = (at: string, call: string, from: string) => {
    asked.push(`${at} ${call} ${from}`);
    const trouble = next;
    next = undefined;
    return trouble;
  };
  const answer = async (request: Request): Promise<Response> => {
    worked++;
    const said = await request.text();
    return Response.json({ said, long: 'x'.repeat(2_000) });
  };
  door = await listen(withDoorFaults(answer, { decide, wait }, () => 'http'));
});
afterAll(() => door.close());

async function call(kind: DoorTrouble['kind'] | undefined, more: Partial<DoorTrouble> = {}) {
  worked = 0;
  next = kind && { kind, ms: 60, worked: false, ...more };
  const begun = performance.now();
  // Only who hangs is given up soon: a busy machine takes its time for the others.
  const signal = AbortSignal.timeout(kind === 'hang' ? 300 : 20_000);
  const headers = { 'user-agent': 'me' };
  const answer = await fetch(`${door.url}/v1/x`, { method: 'POST', body: 'hi', signal, headers })
    .then(async (response) => [response.status, await response.text(), response.headers.get('retry-after')] as const)
    .catch((thrown: Error) => thrown.name);
  return { answer, worked, tookMs: performance.now() - begun };
}

test('each kind, as its caller sees it', async () => {
  expect((await call(undefined)).answer).toMatchObject([200, expect.stringContaining('"said":"hi"'), null]);
  expect(await call('crash')).toMatchObject({ answer: 'TypeError', worked: 0 });
  expect(await call('crash', { worked: true })).toMatchObject({ answer: 'TypeError', worked: 1 });
  expect(await call('partition', { worked: true })).toMatchObject({ answer: 'TypeError', worked: 0 });
  expect(await call('hang')).toMatchObject({ answer: 'TimeoutError', worked: 0 });
  expect(await call('truncated')).toMatchObject({ answer: 'TypeError', worked: 1 });
  expect(await call('malformed')).toMatchObject({ answer: [200, 'no JSON', null], worked: 1 });
  expect(await call('flap')).toMatchObject({
    answer: [503, expect.stringContaining('site.stopped'), expect.anything()],
    worked: 0,
  });
  expect(await call('rate-limit')).toMatchObject({
    answer: [429, expect.stringContaining('"afterMs":60'), '1'],
    worked: 0,
  });
  expect(await call('duplicate')).toMatchObject({
    answer: [200, expect.stringContaining('"said":"hi"'), null],
    worked: 2,
  });
  for (const kind of ['slow', 'reorder'] as const) {
    const { answer, tookMs } = await call(kind);
    expect([answer[0], tookMs > 50]).toEqual([200, true]);
  }
  expect(new Set(asked)).toEqual(new Set(['http POST /v1/x me']));
});

test('reorder: it waits for another to pass, and no longer', async () => {
  const order: string[] = [];
  next = { kind: 'reorder', ms: 5_000, worked: false };
  const first = fetch(`${door.url}/first`, { method: 'POST' })
    .then((r) => r.text())
    .then(() => order.push('first'));
  await expect.poll(() => asked.join()).toContain('/first');
  await fetch(`${door.url}/second`, { method: 'POST' })
    .then((r) => r.text())
    .then(() => order.push('second'));
  await first;
  expect(order).toEqual(['second', 'first']);
});

test('health and figures are left alone', async () => {
  next = { kind: 'crash', ms: 0, worked: false };
  expect((await fetch(`${door.url}/healthz`)).status).toBe(200);
  next = undefined;
});
