/** Streams of events where readers and sites are difficult. */
import { describe, expect, test } from 'vitest';
import { Fault } from '../../base/index.ts';
import type { RunLine } from '../../model/wire/index.ts';
import { type EventStream, eventStream } from './events.ts';

const line = (seq: number, size = 0): RunLine => ({
  seq,
  at: 0,
  in: 'timer',
  event: { type: 'timer.fired', id: 'x'.repeat(size) },
});

function stream(open: EventStream<RunLine>['open'], heartbeatMs?: number, from?: string) {
  const counts = { places: 0, readers: 0, sent: 0, asked: 0 };
  const gone = new AbortController();
  const response = eventStream({
    from,
    open: (signal, stands) => {
      counts.asked++;
      return open(signal, stands);
    },
    idOf: ({ seq }) => seq,
    place: () => {
      counts.places++;
      return () => counts.places--;
    },
    gone: gone.signal,
    metrics: {
      readers: (change) => void (counts.readers += change),
      sent: () => counts.sent++,
      answered() {},
      text: () => Promise.resolve(''),
      list: () => [],
    },
    heartbeatMs,
  });
  return { response, counts, gone };
}
async function* until(signal: AbortSignal, ...lines: RunLine[]) {
  yield* lines;
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a stream of events', () => {
  test('says that the site is there while nothing happens, and ends without a word when the reader goes', async () => {
    const { response, counts, gone } = stream((signal) => until(signal, line(0)), 10);
    const reading = response.text();
    await pause(50);
    expect(counts).toMatchObject({ places: 1, readers: 1, sent: 1 });
    gone.abort();
    const text = await reading;
    expect(text).toMatch(/^retry: 1000\n\nid: 0\ndata: .*\n\n(:\n\n)+$/);
    expect(counts).toMatchObject({ places: 0, readers: 0 });
  });

  test('tells a reader where it stands before anything came, and where nothing of what came was for it', async () => {
    async function* few(signal: AbortSignal, stands: (id: string) => void) {
      stands('4');
      yield await Promise.resolve(line(5));
      stands('9');
      yield* until(signal);
    }
    const { response, gone } = stream(few, 10, '2');
    const reading = response.text();
    await pause(50);
    gone.abort();
    expect(await reading).toMatch(/^retry: 1000\n\nid: 2\n\nid: 5\ndata: .*\n\nid: 9\n\n(:\n\n)+$/);
  });

  test('draws no more than a reader takes, and cuts off one that takes nothing', async () => {
    let drawn = 0;
    async function* endless() {
      for (;;) yield await Promise.resolve(line(drawn++, 10_000));
    }
    const { response, counts } = stream(() => endless(), 10);
    const reader = response.body!.getReader();
    await reader.read();
    await pause(120);
    expect(drawn).toBeLessThan(12);
    expect(counts).toMatchObject({ places: 0, readers: 0 });
    await expect(
      (async () => {
        for (;;) if ((await reader.read()).done) return;
      })(),
    ).rejects.toThrow('takes nothing');
  });

  test('says what broke, and ends', async () => {
    // oxlint-disable-next-line require-yield
    async function* broken(): AsyncGenerator<RunLine> {
      await Promise.resolve();
      throw new Fault('journal.broken', 'the chain breaks at event 7');
    }
    const { response, counts } = stream(() => broken());
    expect(await response.text()).toMatch(/event: problem\ndata: \{.*"code":"journal.broken".*\}\n\n$/);
    expect(counts).toMatchObject({ places: 0, readers: 0 });
  });

  test('only ends when the site stops: the run is not over', async () => {
    async function* stopping() {
      yield await Promise.resolve(line(0));
      throw new Fault('site.stopped', 'the site has stopped');
    }
    const { response } = stream(() => stopping());
    expect(await response.text()).toMatch(/^retry: 1000\n\nid: 0\ndata: .*\n\n$/);
  });
});
