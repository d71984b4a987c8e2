/** What can go wrong with a model server, by name. */
import type { Thought } from './brain.ts';
import type { Refusal } from './wires/index.ts';

export const LLM_TROUBLES = [
  /** Answers after `slowMs`. */
  'slow',
  /** Never answers. */
  'hang',
  /** 429, and how long to wait. */
  'rate-limit',
  /** 429 that no waiting mends. */
  'quota',
  /** 529 */
  'overloaded',
  'server-error',
  /** 400: more than its context. */
  'too-long',
  /** 401, and says the key back. */
  'key',
  /** Stops in the middle with finish_reason `length`. */
  'truncate',
  /** The answer's text is no JSON, or not what the schema says. */
  'broken-json',
  'wrong-json',
  /** The HTTP body is no JSON. */
  'broken-body',
  /** Streams in pieces of one byte, splits signs, sends comments and empty pieces: odd, and right. */
  'odd-stream',
  /** Breaks off in the middle of the stream, with and without a word. */
  'cut-stream',
  'error-in-stream',
  'hang-up',
  'filter',
  'empty',
  /** Calls a tool that is not there; with input that is no JSON. */
  'no-such-tool',
  'broken-call',
] as const;
export type LlmTrouble = (typeof LLM_TROUBLES)[number];

const RETRY_AFTER_MS = 5;

/** Told the key that was given. */
export const refusals: Partial<Record<LlmTrouble, (given: string) => Refusal>> = {
  'rate-limit': () => ({ status: 429, message: 'slow down', afterMs: RETRY_AFTER_MS }),
  quota: () => ({ status: 429, message: 'You exceeded your current quota (insufficient_quota)' }),
  overloaded: () => ({ status: 529, message: 'overloaded' }),
  'server-error': () => ({ status: 500, message: 'something broke' }),
  'too-long': () => ({ status: 400, message: "This model's maximum context length is 8192 tokens" }),
  key: (given) => ({ status: 401, message: `Incorrect API key provided: ${given}` }),
};

export function bent(trouble: LlmTrouble | undefined, thought: Thought): Thought {
  switch (trouble) {
    case 'truncate':
      return { text: (thought.text ?? '{"value": "cut').slice(0, 5), finish: 'length' };
    case 'broken-json':
      return { text: `Here you are: ${(thought.text ?? '').slice(0, -1)}` };
    case 'wrong-json':
      return { text: '{"something": "else"}' };
    case 'filter':
      return { text: '', finish: 'content_filter' };
    case 'empty':
      return { text: '' };
    case 'no-such-tool':
      return { calls: [{ name: 'no_such_tool', input: '{}' }] };
    case 'broken-call':
      return { calls: [{ name: thought.calls?.[0]?.name ?? 'a', input: '{"a": ' }] };
    default:
      return thought;
  }
}
