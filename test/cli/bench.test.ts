// `npm run bench`: a stranger who calls a suite wrongly is told what it takes.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const suites = readdirSync(join(root, 'bench'), { withFileTypes: true }).flatMap((one) =>
  one.isDirectory() ? [one.name] : [],
);

function bench(...args: string[]) {
  return spawnSync(process.execPath, ['--no-warnings', 'bench/main.ts', ...args], { cwd: root, encoding: 'utf8' });
}

test('an unknown option, a suite that is none: what there is', () => {
  const wrong = bench('heal', '--quick');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("unknown option '--quick'\n\n");
  for (const flag of ['--scenarios', '--each', '--graphs', '--seed', '--json']) expect(wrong.stderr).toContain(flag);
  expect(wrong.stderr).not.toContain('    at ');
  expect(bench('heal', '--grahps', '1').stderr).toContain("(did you mean 'graphs'?)");
  expect(bench('heel')).toMatchObject({ status: 2, stderr: expect.stringContaining("(did you mean 'heal'?)") });
  expect(bench('doors', '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--quick') });
  expect(bench('heal', '--each')).toMatchObject({ status: 2, stderr: expect.stringContaining('--scenarios') });
});

test.each(suites)('%s tells of every flag that it reads, and of no other', async (suite) => {
  const { usage } = (await import(join(root, 'bench', suite, 'main.ts'))) as { usage: string };
  const source = readFileSync(join(root, 'bench', suite, 'main.ts'), 'utf8');
  const read = [
    ...source.matchAll(/^ {6}'?([a-z-]+)'?: \{ type: '/gm),
    ...source.matchAll(/flags\.includes\('--([a-z-]+)'\)/g),
  ].map(([, name]) => name!);
  const told = [...usage.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!);
  expect(new Set(told)).toEqual(new Set(read.filter((name) => name !== 'help')));
});
