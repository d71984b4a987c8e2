import { expect, test } from 'vitest';
import { countTests, summaryOf, type TestReport } from '../../scripts/summary.ts';

const report = (part: Partial<TestReport>): TestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...part,
});
const sumUp = (part: Partial<TestReport>, exitCode: number) => summaryOf(countTests(report(part), exitCode));

test('a run is summed up in one line', () => {
  expect(sumUp({ numPassedTests: 3 }, 0)).toBe('3 passed, 0 failed');
  expect(sumUp({ numPassedTests: 3, numFailedTests: 1 }, 1)).toBe('3 passed, 1 failed');
  expect(sumUp({ numPassedTests: 3, numPendingTests: 1, numTodoTests: 1 }, 0)).toBe('3 passed, 0 failed, 2 skipped');
});

test('a file that failed without a failing test counts as one failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'skipped' }] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ];
  expect(sumUp({ numPassedTests: 1, numFailedTests: 1, testResults }, 1)).toBe('1 passed, 3 failed');
});

test('a run that failed never reads as one that passed', () => {
  expect(sumUp({ numPassedTests: 3 }, 1)).toBe('3 passed, 1 failed');
  expect(summaryOf(countTests(undefined, 1))).toBe('0 passed, 1 failed');
});
