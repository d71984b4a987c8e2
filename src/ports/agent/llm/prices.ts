/** What tokens cost. Lists change: whoever is billed replaces these by `tokenPrice` or a table of their own. */
import type { Amounts, Usage } from '../../../model/index.ts';
import type { TokenPrice } from '../declare.ts';

/** By `provider/model`; a name also covers its dated versions, `*` any model of a provider. */
export type PriceTable = Readonly<Record<string, TokenPrice>>;

/** US dollars, as the providers listed them in September 2025. */
export const PRICES: PriceTable = {
  'anthropic/claude-opus-4-1': { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75 },
  'anthropic/claude-sonnet-4-5': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 },
  'anthropic/claude-sonnet-4': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 },
  'anthropic/claude-3-5-haiku': { input: 0.8, output: 4, cachedInput: 0.08, cacheWrite: 1 },
  'openai/gpt-5': { input: 1.25, output: 10, cachedInput: 0.125 },
  'openai/gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 },
  'openai/gpt-4.1': { input: 2, output: 8, cachedInput: 0.5 },
  'openai/gpt-4.1-mini': { input: 0.4, output: 1.6, cachedInput: 0.1 },
  'openai/gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 },
  'openai/gpt-4o-mini': { input: 0.15, output: 0.6, cachedInput: 0.075 },
  'google/gemini-2.5-pro': { input: 1.25, output: 10, cachedInput: 0.31 },
  'google/gemini-2.5-flash': { input: 0.3, output: 2.5, cachedInput: 0.075 },
  // Your own machine sends no bill for tokens.
  'ollama/*': { input: 0, output: 0 },
  'lmstudio/*': { input: 0, output: 0 },
  'vllm/*': { input: 0, output: 0 },
};

/** A dated version of a name: `-20250929`, `-2024-08-06`, `-latest`. */
const DATED = /^[-@](\d{6,8}|\d{4}-\d{2}-\d{2}|latest|preview.*)$/;

export function priceOf(table: PriceTable, model: string): TokenPrice | undefined {
  if (Object.hasOwn(table, model)) return table[model];
  const names = Object.keys(table).toSorted((a, b) => b.length - a.length);
  const dated = names.find((name) => model.startsWith(name) && DATED.test(model.slice(name.length)));
  if (dated !== undefined) return table[dated];
  const any = `${model.slice(0, model.indexOf('/'))}/*`;
  return Object.hasOwn(table, any) ? table[any] : undefined;
}

const MILLION = 1_000_000;

export function costOf(usage: Usage, price: TokenPrice | undefined): Amounts {
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0 } = usage;
  const tokens = inputTokens + outputTokens;
  if (price === undefined) return { tokens };
  const fresh = Math.max(0, inputTokens - cachedTokens - cacheWriteTokens);
  const money =
    (fresh * price.input +
      cachedTokens * (price.cachedInput ?? price.input) +
      cacheWriteTokens * (price.cacheWrite ?? price.input) +
      outputTokens * price.output) /
    MILLION;
  return { tokens, money };
}

/** The most that so many tokens can cost. */
export function mostOf(inputTokens: number, outputTokens: number, price: TokenPrice | undefined): Amounts {
  const tokens = inputTokens + outputTokens;
  if (price === undefined) return { tokens };
  const dearest = Math.max(price.input, price.cacheWrite ?? 0);
  return { tokens, money: (inputTokens * dearest + outputTokens * price.output) / MILLION };
}
