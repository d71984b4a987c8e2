import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const SITE = pathToFileURL(join(import.meta.dirname, 'site.ts')).href;

/** What V8 says of the places where objects are made, once there are many that live for a while. */
function saidAfter(before: string): string {
  const script = `${before}
    console.log('from here');
    const held = [];
    for (let i = 0; i < 4e6; i++) held[i % 2e5] = { i, of: [i] };`;
  const flags = ['--no-warnings', '--trace-pretenuring-statistics', '--input-type=module'];
  const node = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8', timeout: 60_000 });
  expect(node.stderr).toBe('');
  return node.stdout.split('from here\n')[1]!;
}

test('while a site is open no object is made as one that lives long', { timeout: 120_000 }, () => {
  // What it makes of them hangs on when the code is compiled; that it counts them does not.
  expect(saidAfter('')).toContain('pretenuring: AllocationSite');
  expect(saidAfter(`await (await (await import('${SITE}')).openSite()).stop();`)).toBe('');
});
