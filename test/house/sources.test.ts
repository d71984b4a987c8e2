import { expect, test } from 'vitest';
import { readImports } from './sources.ts';

const read = (text: string) =>
  readImports({ path: 'src/x.ts', text }).map(
    ({ target, how, typeOnly }) => `${how}${typeOnly ? ' type' : ''} ${target}`,
  );

test.each([
  [`import { a } from 'x';`, ['static x']],
  [`import 'x';`, ['static x']],
  [`import {} from 'x';`, ['static x']],
  [`import * as a from 'x';`, ['static x']],
  [`import type { a } from 'x';`, ['static type x']],
  [`import type a from 'x';`, ['static type x']],
  [`import { type a } from 'x';`, ['static x']],
  [`export { a } from 'x';`, ['static x']],
  [`export * from 'x';`, ['static x']],
  [`export * as a from 'x';`, ['static x']],
  [`export type { a } from 'x';`, ['static type x']],
  [`export {} from 'x';`, ['static x']],
  [`export { type a } from 'x';`, ['static x']],
  [`export const a = await import('x');`, ['dynamic x']],
  ['const f = () => import(`x`);', ['dynamic x']],
  [`const f = (x: string) => import(x);`, ['dynamic null']],
  [`type A = import('x').B;`, ['static type x']],
  [`type A = typeof import('x');`, ['static type x']],
  [`const a = require('x');`, ['static x']],
  [`// import 'x'\nconst a = "import('x')";`, []],
])('%s', (text, imports) => {
  expect(read(text)).toEqual(imports);
});

test('a file that cannot be parsed is an error, not an empty list', () => {
  expect(() => read('import {')).toThrow('src/x.ts cannot be parsed');
});
