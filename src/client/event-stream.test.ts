import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents, type ServerEvent } from './event-stream.ts';

async function read(...parts: Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  for await (const event of readEvents(body)) events.push(event);
  return events;
}
const bytes = (text: string) => new TextEncoder().encode(text);

test('ids, names, several lines of data; comments and what is unfinished are passed over', async () => {
  expect(await read(bytes(':\n\nid: 1\ndata: a\ndata:b\n\nevent: end\ndata: {}\n\nretry: 3\n\ndata: cut'))).toEqual([
    { id: '1', event: 'message', data: 'a\nb' },
    { event: 'end', data: '{}' },
  ]);
});

test('wherever the bytes are cut, and however lines end, the events are the same', async () => {
  const value = fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text));
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.nat(200), { maxLength: 10 }),
      async (values, end, cuts) => {
        const whole = bytes(values.map((data, i) => `id: ${i}${end}data: ${data}${end}${end}`).join(''));
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].sort(
          (a, b) => a - b,
        );
        const parts = places.slice(1).map((place, i) => whole.slice(places[i], place));
        expect(await read(...parts)).toEqual(values.map((data, i) => ({ id: `${i}`, event: 'message', data })));
      },
    ),
    { numRuns: 200 },
  );
});
