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

test.for<[string, string, boolean]>([
  ['secret', `${'a '.repeat(2_500)}secret`, true],
  ['c++', 'vitamin c is good', false],
  ['c++', 'who writes C++?', true],
  ['c++', 'objc++', false],
  ['.net', 'a .NET thing', true],
  ['$$$', 'win $$$ now', true],
  ['e-mail', 'send it by e mail', true],
  ['foo bar', 'has foo, bar', true],
  ['foo', 'food', false],
  ['Café', 'cafe\u0301 latte', true],
  ['秘密', 'これは秘密です', true],
  ['4711', 'order 4711', true],
  ['b', '\u{1d44e}b', false],
  ['b', '\u{1f525}b', true],
  ['b', 'b\u{1d44e}', false],
  ['  ', 'order', false],
])("keyword '%s' in '%s': %s", ([keyword, text, is]) =>
  expect(holds({ keywords: [keyword] }, readSignals({ text }))).toBe(is),
);

test('a short keyword within a very long word is looked for in no time', () => {
  const { has } = readSignals({ text: 'a'.repeat(2_000_000) });
  expect(has('a')).toBe(false);
});

test('length is that of the whole text, and a long one is known as long', () => {
  const long = readSignals({ text: 'law '.repeat(5_000) });
  expect(holds({ all: [{ domain: 'law' }, { length: { atLeast: 5_000 } }] }, long)).toBe(true);
  expect(holds({ length: { atMost: 4_500 } }, long)).toBe(false);
  expect(sortsOf(long)).toContain('length:long');
});

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

test('of ever so many rules what decides is there, and nothing else; what only says what counts is last', () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ name: `p${i}`, priority: 10, prefer: 'cost' as const }));
  const rules = [
    ...many,
    { name: 'nobody asks', priority: 9, avoid: ['z'] },
    { name: 'big', use: ['big', 'z'], avoid: ['z'], prefer: 'quality' as const },
    { name: 'too late', use: ['small'] },
    { name: 'too late, too', avoid: ['big'] },
  ];
  expect(applyRules(rules, 'translate', signals)).toEqual([
    { rule: 'nobody asks', avoid: ['z'] },
    { rule: 'big', use: ['big'] },
    { rule: 'p0', prefer: 'cost' },
  ]);
  expect(applyRules(rules.slice(21), 'translate', signals)).toEqual([{ rule: 'big', use: ['big'], prefer: 'quality' }]);
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
