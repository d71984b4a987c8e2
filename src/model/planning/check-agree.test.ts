import { expect, test } from 'vitest';
import { agreeProblems } from './check-agree.ts';
import { checkBody } from './check.ts';
import type { Known } from './known.ts';
import type { PlanBody } from '../plan.ts';
import type { AgreeSpec } from '../words.ts';

const known: Known = {
  protocols: {
    majority: { options: { quorum: 'count', again: 'flag' } },
    auto: { options: { stakes: ['low', 'high'], sure: 'share' } },
    own: {},
  },
  functions: ['legal', 'sameCity'],
  skills: { guess: {}, referee: {} },
};

const wrong = (agree: AgreeSpec, world = known): string[] => {
  const body: PlanBody = { steps: [{ name: 'one', kind: 'ask', spec: { skill: 'guess', agree } }] };
  return checkBody(body, world).map(({ place, message }) => `${place}: ${message}`);
};

test('what is right is passed, and so are the options of a protocol that declares none', () => {
  expect(wrong({ by: 'majority', panel: 3, quorum: 2, again: false, equal: 'text', check: 'legal' })).toEqual([]);
  expect(wrong({ by: 'auto', stakes: 'high', sure: 0.9, equal: 'json', judge: 'referee' })).toEqual([]);
  expect(wrong({ by: 'own', anything: [1], equal: 'sameCity' })).toEqual([]);
  expect(wrong({ by: 'own', equal: { by: 'number', tolerance: 0.01 } })).toEqual([]);
});

test('names that nobody here knows', () => {
  expect(wrong({ by: 'majorty' })).toEqual([
    "steps.one.agree.by: there is no protocol 'majorty' (did you mean 'majority'?); there are majority, auto, own",
  ]);
  expect(wrong({ by: 'own', equal: 'txet', check: 'leagl', judge: 'refere' })).toEqual([
    "steps.one.agree.equal: no function is registered as 'txet' (did you mean 'text'?)",
    "steps.one.agree.check: no function is registered as 'leagl' (did you mean 'legal'?)",
    "steps.one.agree.judge: there is no skill 'refere' (did you mean 'referee'?)",
  ]);
  expect(wrong({ by: 'own', equal: { by: 'named', name: 'sameCty' } })).toHaveLength(1);
});

test.each<[AgreeSpec, string]>([
  [{ by: 'majority', panel: -1 }, 'panel: -1 is not a whole number from 1'],
  [{ by: 'majority', panel: 0 }, 'panel: 0 is not a whole number from 1'],
  [{ by: 'majority', panel: 2.5 }, 'panel: 2.5 is not a whole number from 1'],
  [{ by: 'majority', pannel: 3 }, "pannel: 'majority' reads no 'pannel' (did you mean 'panel'?)"],
  [{ by: 'majority', quorum: 0 }, 'quorum: 0 is not a whole number from 1'],
  [{ by: 'majority', again: 'no' }, 'again: "no" is not true or false'],
  [{ by: 'auto', stakes: 'enormous' }, 'stakes: "enormous" is not one of low, high'],
  [{ by: 'auto', sure: 2 }, 'sure: 2 is not a number from 0 to 1'],
  [{ by: 'own', proof: 'yes' as never }, 'proof: "yes" is not true or false'],
  [
    { by: 'own', equal: { by: 'txet' } },
    'equal: {"by":"txet"} is no equality: a word, or { by } with one of exact, text, number, set, json, named',
  ],
  [{ by: 'own', equal: { by: 'number', tolerance: -1 } }, 'equal: a tolerance is a number from 0, not -1'],
  [{ by: 'own', equal: { by: 'named' } }, 'equal: it names no function'],
])('%j is wrong by itself', (agree, said) => {
  const problems = agreeProblems(agree, known.protocols![agree.by]);
  expect(problems.map(({ member, message }) => `${member}: ${message}`)).toEqual([said]);
});

test('where protocols are not known nothing is said of them: a plan that a run grafts is judged by its worker', () => {
  expect(wrong({ by: 'majorty', panel: 3 }, {})).toEqual([]);
});
