import { expect, test } from 'vitest';
import { whyWords } from './why.ts';

test('why, in a few lines', () => {
  const lines = whyWords({
    run: 'r_1',
    step: 'sum',
    skill: 'think',
    prefer: 'cost',
    out: 'ok',
    tries: [
      {
        n: 1,
        agent: 'b',
        skill: 'think',
        atMs: 0,
        chosen: { by: 'learned', of: 2, score: 0.8, explored: true },
        exploring: true,
        ranked: [
          { agent: 'b', effect: 'pure', score: 0.8, quality: 0.7, unsure: 0.2, tries: 3, p50Ms: 12 },
          { agent: 'a', effect: 'pure', score: 0.75, quality: 0.9, unsure: 0.01, tries: 90, money: 2 },
        ],
        cut: [{ agent: 'c', why: 'unhealthy' }],
        refused: { unhealthy: 1, 'not among the nearest': 9 },
        end: 'answered',
        tookMs: 12,
      },
    ],
  });
  expect(lines).toEqual([
    "sum of r_1 needs 'think', prefers cost: ok",
    '  1. b: exploring, to learn more of it, of 2, score 0.8 with what may be learned; answered after 12 ms',
    '       b                    0.800  quality 0.70 ± 0.20 from 3 tries  p50 12 ms',
    '       a                    0.750  quality 0.90 ± 0.01 from 90 tries  cost 2',
    '       not c: unhealthy',
    '       refused: 9 not among the nearest',
  ]);
});

test('a step that nobody was asked for: who was shut out', () => {
  const fault = {
    code: 'no-way-left',
    message: "no agent is left for step 'sum': 1 may not see 'secret'",
    retry: 'never',
  } as const;
  expect(
    whyWords({ run: 'r_1', step: 'sum', skill: 'think', prefer: undefined, out: 'failed', fault, tries: [] }),
  ).toEqual([
    "sum of r_1 needs 'think': failed",
    "  no agent was asked for it: no agent is left for step 'sum': 1 may not see 'secret'",
  ]);
});

test('of declared ways: which it went by, why not by the others, and what was undone for it', () => {
  const down = { agent: 'p', step: 'stay/car', why: 'failed: agent.busy' };
  const fault = { code: 'no-way-left', message: 'no car', retry: 'never' } as const;
  expect(
    whyWords({
      run: 'r_1',
      step: 'stay',
      skill: '',
      prefer: undefined,
      out: 'ok',
      tries: [],
      ways: [
        {
          way: 0,
          name: 'hotel, car',
          atMs: 0,
          why: 'cheapest',
          cost: 2,
          others: [{ way: 1, name: 'tent', cost: 5 }],
          undo: [],
        },
        {
          way: 1,
          name: 'tent',
          atMs: 9,
          why: 'failed',
          cost: 5.000001,
          others: [{ way: 0, name: 'hotel, car', shut: [down] }],
          fault,
          undo: [{ step: 'stay/hotel', end: 'undone' }],
        },
      ],
    }),
  ).toEqual([
    'stay of r_1 needs one of its ways: ok',
    '  way 1 (hotel, car): the cheapest, cost 2',
    '       not way 2 (tent): cost 5',
    '  way 2 (tent): the cheapest left, cost 5',
    '       after: no car',
    '       undone first: stay/hotel',
    '       not way 1 (hotel, car): shut, p at stay/car: failed: agent.busy',
  ]);
});
