import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Mistake } from '../mistake.ts';
import { findFiles, readAnswers, readVerdicts } from './files.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-recorded-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (...lines: (object | string)[]): string => {
  const path = join(dir, 'file.jsonl');
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return path;
};

const head = { models: ['a', 'b'] };

test('any file of the shape is read', () => {
  const said = { category: 'law', gold: 'A', answers: ['A', '-'] };
  expect(readAnswers(file(head, '', said, { gold: 'B', answers: 'AB' }))).toEqual({
    models: ['a', 'b'],
    items: [
      { part: 'law', gold: 'A', answers: ['A', '-'] },
      { part: 'all', gold: 'B', answers: ['A', 'B'] },
    ],
  });
  const pairs = readVerdicts(file({ about: 'pairs' }, { set: 's', gold: 2, verdicts: { j: ['2', '1'], k: '12' } }));
  expect(pairs).toEqual([{ set: 's', gold: 2, verdicts: { j: ['2', '1'], k: ['1', '2'] } }]);
});

test.each<[string, (object | string)[], string]>([
  ['nothing', [], 'the first line must name the `models`'],
  ['no head', [{ gold: 'A', answers: ['A', 'B'] }], 'the first line must name the `models`'],
  ['no JSON', [head, '', '{not'], 'line 3: this is not JSON'],
  ['no object', [head, '7'], 'line 2: this is not an object'],
  ['too few answers', [head, { gold: 'A', answers: ['A'] }], 'as many `answers` as there are models'],
  ['answers that are no words', [head, { gold: 'A', answers: ['A', 3] }], 'as many `answers` as there are models'],
  ['no right answer', [head, { answers: ['A', 'B'] }], 'wants `gold`'],
])('answers: %s', (_, lines, said) => {
  const path = file(...lines);
  expect(() => readAnswers(path)).toThrow(Mistake);
  expect(() => readAnswers(path)).toThrow(said);
});

test.each<[string, (object | string)[], string]>([
  ['no pairs', [head], 'no line has `verdicts`'],
  ['a third winner', [{ gold: 3, verdicts: { j: ['1', '2'] } }], 'pair 1: `gold` is 1 or 2'],
  ['one order only', [{ gold: 1, verdicts: { j: ['1'] } }], 'wants of each judge two verdicts'],
  ['no judges', [{ gold: 1, verdicts: {} }], 'wants of each judge two verdicts'],
])('verdicts: %s', (_, lines, said) => {
  const path = file(...lines);
  expect(() => readVerdicts(path)).toThrow(Mistake);
  expect(() => readVerdicts(path)).toThrow(said);
});

test('a folder that was named must hold something', () => {
  expect(() => findFiles({ data: join(dir, 'none') })).toThrow('holds neither');
  expect(() => readAnswers(join(dir, 'none.jsonl'))).toThrow('cannot be read');
});
