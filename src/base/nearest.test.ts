import { expect, test } from 'vitest';
import { createSeededChance } from './chance.ts';
import { nearest, nearestName } from './nearest.ts';

test.each([
  ['aks', ['do', 'ask', 'effect'], 'ask'],
  ['timeout', ['timeoutMs', 'tries'], 'timeoutMs'],
  ['AGNETS', ['store', 'agents'], 'agents'],
  ['lo', ['log', 'ls'], 'log'],
  ['expandSaerchh', ['expandAdd', 'expandSearch'], 'expandSearch'],
  ['quite another', ['word', 'name'], undefined],
  ['x', [], undefined],
])('%s of %j: %s', (name, names, meant) => {
  expect(nearestName(name, names)).toBe(meant);
  expect(nearest(name, names)).toBe(meant === undefined ? '' : ` (did you mean '${meant}'?)`);
});

/** The same by the whole table. */
function slips(a: string, b: string): number {
  const table = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    table.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const one = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + one);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, table[i - 2]![j - 2]! + 1);
      table[i]!.push(least);
    }
  }
  return table[a.length]![b.length]!;
}

test('the nearest is the one with the fewest slips, at most three', () => {
  const chance = createSeededChance('nearest');
  const word = (): string => Array.from({ length: 4 + chance.int(12) }, () => chance.pick(['a', 'b', 'c'])).join('');
  for (let i = 0; i < 2_000; i++) {
    const name = word();
    const names = [word(), word(), word()];
    const allowed = Math.min(3, Math.max(1, Math.floor(name.length / 4)));
    const fewest = Math.min(...names.map((other) => slips(name, other)));
    const meant = nearestName(name, names);
    if (fewest <= allowed) expect([name, slips(name, meant!)]).toEqual([name, fewest]);
    else expect(meant === undefined || name.startsWith(meant) || meant.startsWith(name)).toBe(true);
  }
});

test('long names that are nearly alike take no time', () => {
  const long = (i: number): string => `${'step'.repeat(25_000)}${i}`;
  const names = Array.from({ length: 20 }, (_, i) => `${long(i)}-and-more`);
  const began = performance.now();
  expect(nearestName(`${long(7)}-and-moer`, names)).toBe(names[7]);
  expect(performance.now() - began).toBeLessThan(20_000);
});
