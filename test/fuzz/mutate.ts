/** Texts and bytes near to what a parser takes: a good one, bent in a few places, and now and then anything at all. */
import * as fc from 'fast-check';

type Bend = (text: string, at: number, more: string) => string;

const bends: Bend[] = [
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(at),
  (text, at, more) => text.slice(0, at) + more + text.slice(at),
  (text, at, more) => text.slice(0, at) + more + text.slice(at + more.length),
  (text, at) => text.slice(0, at) + text.slice(at + 3),
  // The same once more, and many times: what grows by itself shows here.
  (text, at) => text.slice(0, at) + text + text.slice(at),
  (text, at) => text.slice(0, at) + text.slice(at, at + 8).repeat(60) + text.slice(at),
  (text, at, more) => text.slice(0, at) + more.repeat(200) + text.slice(at),
];
const NASTY = [
  '\0',
  '\u2028',
  '{{',
  ']]',
  '"',
  '\\',
  '\n',
  ' ',
  '&a',
  '*a',
  '__proto__',
  '1e999',
  '-',
  '%',
  ';',
  '￿',
  '🪿',
];
const more = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 6 }));

export function near(seeds: readonly string[]): fc.Arbitrary<string> {
  const bend = fc.record({ how: fc.nat(bends.length - 1), at: fc.double({ min: 0, max: 1, noNaN: true }), more });
  const bent = fc
    .tuple(fc.constantFrom(...seeds), fc.array(bend, { maxLength: 4 }))
    .map(([seed, all]) =>
      all.reduce(
        (text, one) => bends[one.how]!(text, Math.floor(one.at * text.length), one.more).slice(0, MOST_CHARS),
        seed,
      ),
    );
  return fc.oneof(
    { weight: 9, arbitrary: bent },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  );
}

const MOST_CHARS = 20_000;

export function nearBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return near(seeds.map((seed) => Buffer.from(seed).toString('latin1'))).map((text) => Buffer.from(text, 'latin1'));
}
