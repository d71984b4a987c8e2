/** The client against a real door on a real port; and against answers that are made to be hard. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Listening } from '../doors/guard/index.ts';
import { openDesk } from '../../test/http/desk.ts';
import { createHttpDoor } from '../doors/http/index.ts';
import { createClient, Fault, type SiteLine, type WatchOptions } from './index.ts';

let desk: Awaited<ReturnType<typeof openDesk>>;
let door: Listening;
beforeAll(async () => {
  desk = await openDesk();
  door = await desk.door.listen();
});
afterAll(async () => {
  await door.close();
  await desk.site.stop();
});
const clientOf = (who: string, patienceMs = 5_000) =>
  createClient({ url: door.url, token: desk.tokens[who]!, patienceMs });
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('a client', () => {
  test('starts a run, follows it, and has its output', async () => {
    const client = clientOf('ann');
    const run = await client.start('greet', { name: 'bo' }, { goal: 'be kind' });
    expect(await run.output()).toBe('hello bo');
    const events = await all(run.events());
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, i) => i));
    expect(events.at(-1)!.event.type).toBe('run.ended');
    expect(await all(run.journal({ after: 2 }))).toEqual(events.slice(3));
    expect(await all(run.events({ after: 2 }))).toEqual(events.slice(3));
    expect((await all(run.steps()))[0]).toMatchObject({ step: 'hello', output: 'hello bo' });
    expect(await run.show()).toMatchObject({ phase: 'ended', goal: 'be kind' });
    expect(await run.replay()).toMatchObject({ equal: true });
    expect(await run.verify()).toMatchObject({ whole: true });
    const fork = await run.fork({ input: { name: 'cy' } });
    expect(await fork.output()).toBe('hello cy');
    expect(await run.diff(fork.run)).toMatchObject({ equal: false });
    expect(await run.erase('all', 'asked to')).toBeGreaterThan(0);
  });

  test('watches the site: every event of every run, of one workflow, and only what it may see', async () => {
    const client = clientOf('ann');
    const stop = new AbortController();
    const untilEnded = async (who: string, run: () => string | undefined, how: WatchOptions = {}) => {
      const lines: SiteLine[] = [];
      for await (const line of clientOf(who).watch({ ...how, signal: stop.signal })) {
        lines.push(line);
        if (line.run === run() && line.event.type === 'run.ended') return lines;
      }
      return lines;
    };
    const begun: string[] = [];
    const run = () => begun[0];
    const watching = untilEnded('ann', run);
    const some = untilEnded('reader', run, { workflow: 'greet' });
    const none = (async () => {
      for await (const line of clientOf('idle').watch({ after: 'start', signal: stop.signal })) return line;
      return 'an end';
    })().catch(() => 'nothing seen');
    // Each has its place then: what comes is after it.
    await expect.poll(() => desk.door.guard.counts().streams, { timeout: 10_000 }).toBe(3);
    begun.push((await client.start('greet', { name: 'bo' })).run);
    const events = await all(client.run(begun[0]!).events());
    const mine = (lines: SiteLine[]) => lines.flatMap(({ run: of, event }) => (of === run() ? [event] : []));
    const lines = await watching;
    expect(mine(lines)).toEqual(events.map(({ event }) => event));
    expect(mine(await some)).toEqual(mine(lines));
    expect((await some).every(({ workflow }) => workflow === 'greet')).toBe(true);
    const first = lines.findIndex(({ run: of }) => of === run());
    expect(mine(await untilEnded('ann', run, { after: lines[first]!.id }))).toEqual(mine(lines).slice(1));
    await expect(untilEnded('ann', run, { after: '0-99999' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(untilEnded('ann', run, { after: 'x' })).rejects.toMatchObject({ code: 'input.invalid' });
    stop.abort();
    expect(await none).toBe('nothing seen');
  });

  test('answers gates, sends signals, cancels', async () => {
    const client = clientOf('ann');
    const run = await client.start('pay');
    for await (const { event } of run.events()) if (event.type === 'step.asked' && event.kind === 'gate') break;
    expect(await run.gates()).toMatchObject([{ step: 'ok' }]);
    await run.approve('ok', { reason: 'fine' });
    await run.signal('go', 'now');
    expect(await run.output()).toEqual({ by: 'ann', word: 'now' });
    const other = await client.start('pay');
    await other.cancel('enough');
    await expect(other.output()).rejects.toMatchObject({ code: 'step.cancelled' });
    expect(await other.result()).toMatchObject({ outcome: 'cancelled' });
  });

  test('reads along while an agent makes its answer', async () => {
    const run = await clientOf('ann').start('tell');
    const pieces: string[] = [];
    const events = await all(run.events({ onPiece: ({ text }) => pieces.push(text) }));
    expect(events.at(-1)!.event.type).toBe('run.ended');
    expect(pieces.at(-1)).toBe('time');
    expect(await run.output()).toBe('the end');
  });

  test('lists runs page after page', async () => {
    const client = clientOf('starter');
    const made = new Set<string>();
    for (let i = 0; i < 7; i++) made.add((await client.start('greet', { name: `${i}` })).run);
    const listed = await all(client.runs({ limit: 3 }));
    expect(new Set(listed.map(({ run }) => run))).toEqual(made);
    expect(listed.length).toBe(7);
  });

  test('tells what the site is', async () => {
    const client = clientOf('ann');
    expect(await client.site()).toMatchObject({ store: 'memory' });
    expect((await client.workflows()).map(({ name }) => name)).toEqual(['greet', 'pay', 'tell']);
    expect((await client.agents()).map(({ name }) => name)).toEqual(['polite']);
    expect(await client.isReady()).toBe(true);
    expect(await client.metrics()).toContain('skein_http_requests_total');
  });

  test('throws the fault that the site names', async () => {
    await expect(clientOf('idle').start('greet', { name: 'x' })).rejects.toMatchObject({ code: 'rights.missing' });
    await expect(clientOf('ann').run('r_none').show()).rejects.toMatchObject({ code: 'not-found' });
    await expect(all(clientOf('ann').run('r_none').events())).rejects.toMatchObject({ code: 'not-found' });
    const stranger = createClient({ url: door.url, token: 'skn_none' });
    await expect(stranger.site()).rejects.toMatchObject({ code: 'token.refused' });
  });

  test('ends what it waits for when it is told to', async () => {
    const run = await clientOf('ann').start('pay');
    const reason = new Error('enough');
    const soon = () => AbortSignal.any([AbortSignal.timeout(30)]);
    await expect(run.output({ signal: soon() })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(all(run.events({ signal: soon() }))).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(run.show({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await run.cancel('enough');
  });
});

test('a door that closes lets its readers go at once; they take up where they were when it is back', async () => {
  const second = await openDesk();
  const { url, port, close } = await second.door.listen();
  const client = createClient({ url, token: second.tokens['ann']! });
  const run = await client.start('pay');
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { seq } of run.events()) seen.push(seq);
  })();
  const waiting = run.output();
  while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  const startedMs = performance.now();
  await close();
  expect(performance.now() - startedMs).toBeLessThan(1_900);
  const again = await createHttpDoor(second.site, { tokens: second.given, port });
  const door = await again.listen();
  await run.approve('ok');
  await run.signal('go', 1);
  await reading;
  expect(await waiting).toEqual({ by: 'ann', word: 1 });
  expect(seen).toEqual(seen.map((_seq, i) => i));
  await door.close();
  await second.site.stop();
});

describe('where the way is bad', () => {
  test('a start whose answer is lost is said again with its key, and starts one run', async () => {
    let lost = 0;
    const flaky: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== 'POST' || lost++ > 0) return response;
      await response.arrayBuffer();
      throw new TypeError('the line is dead');
    };
    const client = createClient({ url: door.url, token: desk.tokens['greeter']!, fetch: flaky });
    const run = await client.start('greet', { name: 'once' });
    expect(await run.output()).toBe('hello once');
    expect(lost).toBe(2);
    expect((await all(client.runs())).length).toBe(1);
  });

  test('a stream that breaks at any byte is taken up: nothing missed, nothing doubled', async () => {
    const run = (await clientOf('ann').start('greet', { name: 'bo' })).run;
    const whole = await all(clientOf('ann').run(run).events());
    let opened = 0;
    const breaking: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const bytes = new Uint8Array(await response.arrayBuffer());
      // Each stream breaks further on than the one before.
      const part = bytes.slice(0, 40 + 61 * opened++);
      return new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(part);
            if (opened % 2 === 0 && part.length < bytes.length) controller.error(new TypeError('cut'));
            else controller.close();
          },
        }),
        { headers: response.headers },
      );
    };
    const client = createClient({ url: door.url, token: desk.tokens['ann']!, fetch: breaking, patienceMs: 10_000 });
    expect(await all(client.run(run).events())).toEqual(whole);
    expect(opened).toBeGreaterThan(3);
  });

  test('a busy site is asked again after the time it names, an unreachable one for as long as patience lasts', async () => {
    let asked = 0;
    const busy: typeof fetch = (input, init) => {
      const problem = { code: 'overloaded', detail: 'busy', afterMs: 20 };
      return asked++ < 2 ? Promise.resolve(Response.json(problem, { status: 503 })) : fetch(input, init);
    };
    const client = createClient({ url: door.url, token: desk.tokens['ann']!, fetch: busy });
    expect(await client.site()).toMatchObject({ store: 'memory' });
    expect(asked).toBe(3);
    const nowhere = createClient({ url: 'http://127.0.0.1:1', token: 'x', patienceMs: 300 });
    const fault = await nowhere.site().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).message).toContain('cannot be reached');
    await expect(all(nowhere.run('r').events())).rejects.toThrow('the site was away');
  });

  test('an address where nothing ever answered is given up soon; a site that was there is waited for', async () => {
    let isUp = false;
    const now = (): number => Math.round(performance.now());
    const flaky: typeof fetch = (input, init) =>
      isUp ? fetch(input, init) : Promise.reject(new TypeError('fetch failed'));
    const client = createClient({ url: door.url, token: desk.tokens['ann']!, fetch: flaky, reachMs: 300 });
    const began = now();
    await expect(client.site()).rejects.toThrow('cannot be reached, and never was: is the address right');
    await expect(all(client.run('r').events())).rejects.toThrow('the site was away for 300 ms');
    expect(now() - began).toBeLessThan(5_000);
    isUp = true;
    await client.site();
    isUp = false;
    setTimeout(() => (isUp = true), 1_000);
    await expect(client.site()).resolves.toMatchObject({ store: 'memory' });
  });
});
