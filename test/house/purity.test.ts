// The linter keeps time, chance and the runtime out of the pure floors. Here the real configuration is shown what it
// must refuse, so that a rule that stops working is a failed test and not a silence.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositoryRoot } from './sources.ts';

const impure = [
  'export const a = Date.now();',
  'export const a = new Date();',
  'export const a = Math.random();',
  "export const a = Math['random']();",
  'export const { random } = Math;',
  'setTimeout(() => 1, 1);',
  'setInterval(() => 1, 1);',
  'setImmediate(() => 1);',
  'queueMicrotask(() => {});',
  'export const a = performance.now();',
  'export const a = process.env;',
  'export const a = crypto.randomUUID();',
  "export const a = await fetch('x');",
  'export const a = globalThis.Date;',
  "import { readFileSync } from 'node:fs';\nreadFileSync('x');",
  "export * from 'node:fs';",
  "export const a = await import('node:fs');",
];
const floors = ['src/model', 'src/flow', 'src/flow/plan'];
const pathOf = (floor: string, index: number, end = '.ts') => `${floor}/case${index}${end}`;

let folder: string;
let refused: Set<string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-purity-'));
  copyFileSync(join(repositoryRoot, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [index, text] of impure.entries()) {
    for (const floor of [...floors, 'src/site']) write(pathOf(floor, index), text);
    write(pathOf('src/model', index, '.test.ts'), text);
  }
  write('src/model/pure.ts', 'export const pure = (process: number, dateMs: number) => Math.max(process, dateMs);');

  const oxlint = join(repositoryRoot, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (!stdout.trim().startsWith('{')) throw new Error(`oxlint did not run: ${stdout}${stderr}`);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
  refused = new Set(diagnostics.filter(({ code }) => code.includes('no-restricted-')).map(({ filename }) => filename));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(impure.map((text, index) => [text, index] as const))('a pure floor may not: %s', (_, index) => {
  for (const floor of floors) expect(refused).toContain(pathOf(floor, index));
});

test('other floors, tests, and names that only look alike are left alone', () => {
  const elsewhere = [...refused].filter((path) => path.startsWith('src/site') || path.endsWith('.test.ts'));
  expect(elsewhere).toEqual([]);
  expect(refused).not.toContain('src/model/pure.ts');
});
