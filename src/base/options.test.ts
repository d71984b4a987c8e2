import { expect, test } from 'vitest';
import { anything, checkGiven, checkOptions, count, either, flag, holding, list, oneOf, text } from './index.ts';

interface Given {
  key?: string;
  retry?: { tries?: number };
  effect?: string;
  timeoutMs?: number;
  of?: unknown;
  deep?: boolean | string[];
}

const known = {
  key: text,
  retry: holding<{ tries?: number }>({ tries: count }),
  effect: oneOf('pure', 'idempotent'),
  timeoutMs: count,
  of: anything,
  deep: either(flag, list),
};

const said = (given: unknown): string => {
  try {
    checkOptions(given as Given, known, 'run.ask', 'check');
    return 'fine';
  } catch (error) {
    return (error as Error).message;
  }
};

test.each<[unknown, string]>([
  [undefined, 'fine'],
  [{}, 'fine'],
  [{ key: 'a', retry: { tries: 2 }, effect: 'pure', timeoutMs: 1, of: null, deep: ['x'] }, 'fine'],
  // Nothing is asked for by it.
  [{ nothing: undefined, key: undefined }, 'fine'],
  [{ retries: 3 }, `run.ask 'check' has no option 'retries' (did you mean 'retry'?)`],
  [{ timeout: 3 }, `run.ask 'check' has no option 'timeout' (did you mean 'timeoutMs'?)`],
  [{ zzz: 3 }, `run.ask 'check' has no option 'zzz'; it has key, retry, effect, timeoutMs, of, deep`],
  [{ constructor: 3 }, `run.ask 'check' has no option 'constructor'; it has key, retry, effect, timeoutMs, of, deep`],
  [
    { effect: 'idempotnt' },
    `run.ask 'check': 'effect' is "idempotnt", and must be one of pure, idempotent (did you mean 'idempotent'?)`,
  ],
  [{ retry: 3 }, `run.ask 'check': 'retry' is 3, and must be an object of tries`],
  [{ retry: { trys: 3 } }, `run.ask 'check': retry has no option 'trys'; it has tries`],
  [{ timeoutMs: '30s' }, `run.ask 'check': 'timeoutMs' is "30s", and must be a number from 0`],
  [{ timeoutMs: NaN }, `run.ask 'check': 'timeoutMs' is NaN, and must be a number from 0`],
  [{ deep: 1 }, `run.ask 'check': 'deep' is 1, and must be true or false, or a list`],
  ['x', `run.ask 'check' takes an object of options, and was given "x"`],
  [null, `run.ask 'check' takes an object of options, and was given null`],
  [Promise.resolve(1), 'fine'],
])('%j: %s', (given, message) => expect(said(given)).toBe(message));

test('a value that is no option is named by what it is', () => {
  expect(() => checkGiven('a', list, `the items of map 'all'`)).toThrow(
    `the items of map 'all' is "a", and must be a list`,
  );
});
