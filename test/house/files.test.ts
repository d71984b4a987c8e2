import { expect, test } from 'vitest';
import { isTest, readSources, type Source } from './sources.ts';

const mostLines = 400;

test(`a file of more than ${mostLines} lines says at its top why it is long`, () => {
  const sources = readSources('src', 'test', 'scripts', 'examples', 'bench');
  const lengths = sources.filter(({ path }) => path.startsWith('src/') && !isTest(path)).map(linesOf);
  console.log(`src: ${lengths.length} files, median ${median(lengths)} lines, longest ${Math.max(0, ...lengths)}`);
  expect(sources.filter(isTooLong).map((source) => `${source.path}: ${linesOf(source)} lines`)).toEqual([]);
});

test('the reason is a line of the opening comment that begins with "Long because"', () => {
  const long = 'const a = 1;\n'.repeat(mostLines);
  const isRefused = (top: string) => isTooLong({ path: 'src/x.ts', text: top + long });
  expect(isTooLong({ path: 'src/x.ts', text: long })).toBe(false);
  expect(isRefused('const b = 1;\n')).toBe(true);
  expect(isRefused('// Something else.\n')).toBe(true);
  expect(isRefused('// Long because\n')).toBe(true);
  expect(isRefused('const b = 1;\n// Long because it is one table.\n')).toBe(true);
  expect(isRefused('// Long because it is one table.\n')).toBe(false);
  expect(isRefused('#!/usr/bin/env node\n// The table.\n//\n// Long because it is one table.\n')).toBe(false);
  expect(isRefused('/**\n * The table.\n * Long because it is one table.\n */\n')).toBe(false);
});

function isTooLong(source: Source): boolean {
  if (linesOf(source) <= mostLines) return false;
  const opening = /^(?:#!.*\n)?(?:\s*\/\/.*\n|\s*\/\*[^]*?\*\/)*/.exec(source.text)?.[0] ?? '';
  return !/^[\s/*]*Long because \S/m.test(opening);
}

function linesOf({ text }: Source): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
