import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from './sources.ts';

type Lock = { packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }> };

const text = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');

test('the lock names no download address', () => {
  expect(text).not.toMatch(/"resolved": "http/);
});

// A registry that lacks some platforms' builds of a package makes npm leave them out of the lock without a word, and
// `npm ci` then refuses the lock on every machine.
test('the lock holds every optional build, so that npm ci works on every platform', () => {
  expect(absentFrom(JSON.parse(text))).toEqual([]);
  expect(absentFrom({ packages: { a: { optionalDependencies: { 'a-linux': '1' } } } })).toEqual(['a needs a-linux']);
});

function absentFrom({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map((name) => `${path} needs ${name}`),
  );
}
