import { describe, expect, test } from 'vitest';
import { isPlainText, readAnswer, wantedOf } from './answer.ts';
import { providerFault } from './faults.ts';
import { costOf, mostOf, priceOf, PRICES } from './prices.ts';
import { createRedact, createStrictRedact, secretsOf } from '../secrets.ts';

describe('prices', () => {
  test.each([
    ['openai/gpt-4.1', 2],
    ['openai/gpt-4.1-2025-04-14', 2],
    ['openai/gpt-4.1-mini', 0.4],
    ['anthropic/claude-sonnet-4-5-20250929', 3],
    ['ollama/llama3.2', 0],
    ['openai/gpt-4.1-other', undefined],
    ['nobody/knows', undefined],
  ])('%s: %s', (model, input) => expect(priceOf(PRICES, model)?.input).toBe(input));

  test('what came from the cache is cheaper; without a price only tokens are counted', () => {
    const usage = { inputTokens: 1_000_000, cachedTokens: 600_000, cacheWriteTokens: 100_000, outputTokens: 100_000 };
    const price = { input: 10, output: 20, cachedInput: 1, cacheWrite: 12 };
    expect(costOf(usage, price)).toEqual({ tokens: 1_100_000, money: 3 + 0.6 + 1.2 + 2 });
    expect(costOf(usage, undefined)).toEqual({ tokens: 1_100_000 });
    expect(costOf(usage, price).money!).toBeLessThan(mostOf(1_000_000, 100_000, price).money!);
  });
});

describe('answers', () => {
  const wanted = wantedOf({ type: 'object', properties: { a: { type: 'number' } }, required: ['a'] });
  test.each(['{"a":1}', '```json\n{"a":1}\n```', 'Here you are: {"a":1}. Well?', ' \n{"a":1}'])('%j', (text) =>
    expect(readAnswer(text, wanted)).toEqual({ value: { a: 1 } }),
  );
  test.each([
    ['', 'it is empty'],
    ['no', 'it is no JSON'],
    ['{"a":"1"}', 'a: '],
    ['[]', 'value: '],
  ])('%j: %s', (text, problem) => {
    expect(readAnswer(text, wanted)).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  test('a list is wrapped; a model that leaves the wrapping out is understood', () => {
    const list = wantedOf({ type: 'array', items: { type: 'number' } });
    expect(readAnswer('{"value":[1]}', list)).toEqual({ value: [1] });
    expect(readAnswer('[1]', list)).toEqual({ value: [1] });
  });

  test('a plain text needs no JSON, one with limits does', () => {
    expect(isPlainText({ $schema: 'x', type: 'string', description: 'a name' })).toBe(true);
    expect(isPlainText({ type: 'string', minLength: 3 })).toBe(false);
  });
});

describe('secrets', () => {
  test('ours are hidden wherever they stand, others where they look like keys', () => {
    const secrets = secretsOf({ MY_KEY: 'abcdef123456', PATH: '/usr/bin', DB_PASSWORD: 'hunter22' }, []);
    expect(secrets).toEqual(['abcdef123456', 'hunter22']);
    const text = 'abcdef123456 and Bearer zyxwvut98765 and sk-other-000000000000 in /usr/bin';
    expect(createRedact(secrets)(text)).toBe('[key] and [key] and [key] in /usr/bin');
    expect(createStrictRedact(secrets)('sk-other-000000000000 abcdef123456')).toBe('sk-other-000000000000 [key]');
  });
});

describe('faults', () => {
  const fault = (error: object) =>
    providerFault(Object.assign(new Error('no'), error), 'a', createRedact(['secret-1']));
  test.each([
    [{ statusCode: 429, responseHeaders: { 'retry-after': '7' } }, 'agent.busy', 'same', 7_000],
    [{ statusCode: 429, responseHeaders: { 'retry-after': '600' } }, 'agent.busy', 'elsewhere', 600_000],
    [
      {
        statusCode: 503,
        responseHeaders: { 'retry-after': 'Fri, 20 Nov 2026 22:00:09 GMT', date: 'Fri, 20 Nov 2026 22:00:00 GMT' },
      },
      'agent.busy',
      'same',
      9_000,
    ],
    [{ statusCode: 429, responseBody: 'insufficient_quota' }, 'agent.refused', 'elsewhere', undefined],
    [{ statusCode: 413 }, 'input.too-large', 'elsewhere', undefined],
    [{ statusCode: 400, responseBody: 'prompt is too long' }, 'input.too-large', 'elsewhere', undefined],
    [{ statusCode: 400 }, 'agent.failed', 'elsewhere', undefined],
    [{ statusCode: 502 }, 'agent.failed', 'same', undefined],
    [{ statusCode: 200 }, 'agent.failed', 'same', undefined],
    [{ lastError: { statusCode: 404, message: 'x' } }, 'agent.refused', 'elsewhere', undefined],
  ])('%j', (error, code, retry, afterMs) => expect(fault(error)).toMatchObject({ code, retry, afterMs }));

  test('of a provider error only words are kept, and no key in them', () => {
    const made = fault({ statusCode: 500, message: 'with secret-1', requestBodyValues: { key: 'secret-1' } });
    expect(made.cause).toBe('500 with [key]');
  });
});
