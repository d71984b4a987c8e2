import { expect, test } from 'vitest';
import { anything, checkGiven, checkOptions, count, either, flag, holding, list, oneOf, text } from './index.ts';

interface Given {
  key?: string;
  retry?: { tries?: number };
  effect?: string;
  timeoutMs?: number;
  of?: unknown;
  deep?: boolean | string[];
  join?: 'all' | { atLeast: number; most?: number };
}

const known = {
  key: text,
  retry: holding<{ tries?: number }>({ tries: count }),
  effect: oneOf('pure', 'idempotent'),
  timeoutMs: count,
  of: anything,
  deep: either(flag, list),
  join: either(
    oneOf('all', 'any'),
    holding<{ atLeast: number; most?: number }>({ atLeast: count, most: count }, 'atLeast'),
  ),
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
  [{ zzz: 3 }, `run.ask 'check' has no option 'zzz'; it has key, retry, effect, timeoutMs, of, deep, join`],
  [
    { constructor: 3 },
    `run.ask 'check' has no option 'constructor'; it has key, retry, effect, timeoutMs, of, deep, join`,
  ],
  [
    { effect: 'idempotnt' },
    `run.ask 'check': 'effect' is "idempotnt", and must be one of pure, idempotent (did you mean 'idempotent'?)`,
  ],
  [{ retry: 3 }, `run.ask 'check': 'retry' is 3, and must be an object of tries`],
  [{ retry: { trys: 3 } }, `run.ask 'check': retry has no option 'trys'; it has tries`],
  [{ timeoutMs: '30s' }, `run.ask 'check': 'timeoutMs' is "30s", and must be a number from 0`],
  [{ timeoutMs: NaN }, `run.ask 'check': 'timeoutMs' is NaN, and must be a number from 0`],
  [{ join: 'any' }, 'fine'],
  [{ join: { atLeast: 2 } }, 'fine'],
  [
    { join: { atleast: 2 } },
    `run.ask 'check': 'join' is an object, and must be one of all, any, or an object of atLeast, most`,
  ],
  [{ join: { atLeast: 2, msot: 3 } }, `run.ask 'check': join has no option 'msot' (did you mean 'most'?)`],
  [{ join: 'most' }, `run.ask 'check': 'join' is "most", and must be one of all, any, or an object of atLeast, most`],
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
