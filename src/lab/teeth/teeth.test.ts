/** Every planted bug is caught, and every check is made to fail by one. */
import { describe, expect, test } from 'vitest';
import { checks, type CheckId } from '../sim/finding.ts';
import { bite, teeth } from './teeth.ts';

const shown = new Set<CheckId>();

describe('planted bugs are caught', () => {
  for (const tooth of teeth) {
    test(`${tooth.id}: ${tooth.bug}`, { timeout: 120_000 }, async () => {
      const { seed, check } = await bite(tooth, { by: true });
      expect(seed).toBeDefined();
      shown.add(check!);
    });
  }

  test('there are enough of them, and no check is left that none makes fail', () => {
    expect(teeth.length).toBeGreaterThanOrEqual(25);
    expect(new Set(teeth.map(({ id }) => id)).size).toBe(teeth.length);
    expect(Object.keys(checks).filter((id) => !shown.has(id as CheckId))).toEqual([]);
  });
});
