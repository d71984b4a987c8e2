// The half of the suite that takes seconds; `npm run conformance -- mcp` runs all of it.
import { expect, test } from 'vitest';
import { scoreLegs } from './main.ts';
import { readReport } from './report.ts';

test('the door passes all that both revisions require of a server', { timeout: 120_000 }, async () => {
  const score = await scoreLegs(['server']);
  expect(score.failures).toEqual([]);
  expect(score.passed).toBe(67);
});

test('a suite that printed no summary has not passed', () => {
  expect(readReport('Error: it broke').scenarios).toEqual([]);
  const report = readReport('=== SUMMARY ===\n✓ a: 2 passed, 0 failed\n✗ b: 0 passed, 1 failed\n\n  ✗ b (extension)\n');
  expect(report.scenarios.map((one) => one.failed)).toEqual([0, 1]);
  expect(report.notScored.get('b')).toBe('extension');
});
