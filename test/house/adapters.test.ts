import { expect, test } from 'vitest';
import { adaptersWithoutContract } from './adapters.ts';
import { readSources } from './sources.ts';

test('every adapter has a contract run', () => {
  expect(adaptersWithoutContract(readSources('src', 'test'))).toEqual([]);
});

const port = 'src/ports/store';
const face = ['port', 'contract', 'faults', 'index'].map((name) => ({ path: `${port}/${name}.ts`, text: 'export {}' }));
const missing = (files: Record<string, string>) =>
  adaptersWithoutContract([
    ...face,
    ...Object.entries(files).map(([path, text]) => ({ path: `${port}/${path}`, text })),
  ]);

test('the files of the port itself are no adapters', () => {
  expect(missing({})).toEqual([]);
});

test('an adapter without a test is found', () => {
  expect(missing({ 'memory.ts': '' })).toEqual([`${port}/memory.ts`]);
});

test('a test that forgets the contract, or takes its types only, is no contract run', () => {
  expect(missing({ 'memory.ts': '', 'memory.test.ts': `import './memory.ts'` })).toHaveLength(1);
  expect(
    missing({ 'memory.ts': '', 'memory.test.ts': `import './memory.ts'; import type { A } from './contract.ts'` }),
  ).toHaveLength(1);
});

test('the contract of another port is not its contract', () => {
  expect(missing({ 'memory.ts': '', 'memory.test.ts': `import './memory.ts'; import '../mesh/contract.ts'` })).toEqual([
    `${port}/memory.ts`,
  ]);
});

test('a test may stand anywhere, and may run several adapters', () => {
  expect(
    missing({
      'memory.ts': '',
      'sqlite.ts': '',
      '../../../test/contract/store.test.ts': '',
    }),
  ).toHaveLength(2);
  const text = `import '../../src/ports/store/memory.ts'; await import('../../src/ports/store/sqlite.ts');
    import '../../src/ports/store/contract.ts'`;
  const sources = [...face, { path: `${port}/memory.ts`, text: '' }, { path: `${port}/sqlite.ts`, text: '' }];
  expect(adaptersWithoutContract([...sources, { path: 'test/contract/store.test.ts', text }])).toEqual([]);
});

test('a part of an adapter needs no contract run, an adapter that another one wraps does', () => {
  const run = `import './sqlite.ts'; import './contract.ts'`;
  const sqlite = `import './rows.ts'; import './memory.ts'; export function createSqliteStore() {}`;
  expect(
    missing({
      'sqlite.ts': sqlite,
      'sqlite.test.ts': run,
      'rows.ts': 'export function createRows() {}',
      'memory.ts': 'export function createMemoryStore() {}',
    }),
  ).toEqual([`${port}/memory.ts`]);
});
