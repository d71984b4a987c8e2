import { expect, test } from 'vitest';
import { applyRules, type Condition, holds } from './rules.ts';
import { readSignals, sortsOf } from './signals.ts';

const signals = readSignals({
  text: 'Please translate the contract of the tenant; the clause on liability is what is in doubt.',
  labels: ['confidential'],
  roles: ['team:legal'],
  price: 0.5,
});

test.for<[Condition, boolean]>([
  [{ keywords: ['contract'] }, true],
  [{ keywords: ['Contract of the tenant'] }, true],
  [{ keywords: ['contracts', 'tenant clause'] }, false],
  [{ language: 'en' }, true],
  [{ language: 'de' }, false],
  [{ length: { atLeast: 10, atMost: 200 } }, true],
  [{ length: { atMost: 20 } }, false],
  [{ label: 'confidential' }, true],
  [{ role: 'team:*' }, true],
  [{ role: 'team:sales' }, false],
  [{ price: { atMost: 1 } }, true],
  [{ price: { atLeast: 1 } }, false],
  [{ domain: 'law' }, true],
  [{ domain: 'code' }, false],
  [{ not: { domain: 'law' } }, false],
  [{ all: [{ domain: 'law' }, { not: { language: 'de' } }] }, true],
  [{ all: [] }, true],
  [{ any: [{ domain: 'code' }, { label: 'confidential' }] }, true],
  [{ any: [] }, false],
])('%j', ([condition, is]) => expect(holds(condition, signals)).toBe(is));

test('a price that nothing limits fits no range', () => {
  expect(holds({ price: { atMost: 1e9 } }, readSignals({ text: '' }))).toBe(false);
});

test('rules apply by priority, then as written; only those of the skill', () => {
  const rules = [
    { name: 'low', use: ['x'] },
    { name: 'high', priority: 2, when: { label: 'confidential' }, avoid: ['y'] },
    { name: 'other', skill: 'paint', use: ['z'] },
    { name: 'no', when: { not: { label: 'confidential' } }, use: ['z'] },
    { name: 'also low', prefer: 'cost' as const },
  ];
  expect(applyRules(rules, 'translate', signals)).toEqual([
    { rule: 'high', avoid: ['y'] },
    { rule: 'low', use: ['x'] },
    { rule: 'also low', prefer: 'cost' },
  ]);
});

test.for([
  ['Wie ist das Wetter auf dem Berg und nicht im Tal?', 'de'],
  ['Quel est le prix de la maison dans les Alpes pour une semaine?', 'fr'],
  ['12345', undefined],
])('%s is %s', ([text, language]) => expect(readSignals({ text: text! }).language).toBe(language));

test('sorts of a task: labels, domains, another language than English, unusual length', () => {
  expect(sortsOf(signals)).toEqual(['label:confidential', 'domain:law', 'domain:language']);
  expect(sortsOf(readSignals({ text: 'x' }))).toEqual(['length:short']);
});
