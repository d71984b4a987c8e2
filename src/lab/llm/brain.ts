/** What stands in for a model's mind: from a request to what is said. */
import type { Json } from '../../base/index.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | { type: string; text?: string }[] | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  max_tokens?: number;
  tools?: { function: { name: string; parameters: Json } }[];
  response_format?: { type: string; json_schema?: { schema: Json } };
  /** It asks for parts of it to be kept for the next turn. */
  caches?: boolean;
  /** Its answer is the input of this tool. */
  answersBy?: string;
}

export interface Thought {
  text?: string;
  /** `input` is JSON as text: some models get it wrong. */
  calls?: { name: string; input: string }[];
  finish?: string;
}

export type Brain = (request: ChatRequest) => Thought;

export function lastText(request: ChatRequest): string {
  const content = request.messages.findLast((one) => one.role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}

export function firstText(request: ChatRequest): string {
  return lastText({ ...request, messages: request.messages.filter((one) => one.role === 'user').slice(0, 1) });
}

/** Says what it was told; where a schema is asked for, the smallest value that fits it. */
export const echoBrain: Brain = (request) => {
  const schema = request.response_format?.json_schema?.schema;
  return { text: schema === undefined ? lastText(request) : JSON.stringify(smallest(schema, firstText(request))) };
};

function smallest(schema: Json, text: string): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return null;
  if (Array.isArray(schema['enum'])) return schema['enum'][0] ?? null;
  if (schema['const'] !== undefined) return schema['const'];
  switch (schema['type']) {
    case 'object':
      return Object.fromEntries(
        Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(([k, v]) => [k, smallest(v, text)]),
      );
    case 'array':
      return [];
    case 'string':
      return text;
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
    case 'boolean':
      return true;
    default:
      return null;
  }
}

/** From the second turn on half of what is read was read before. */
export function usageFor(request: ChatRequest, thought: Thought) {
  const CHARS_A_TOKEN = 4;
  const prompt = Math.ceil(JSON.stringify(request.messages).length / CHARS_A_TOKEN);
  const said = (thought.text ?? '').length + JSON.stringify(thought.calls ?? '').length;
  const cached = request.messages.length > 2 ? Math.floor(prompt / 2) : 0;
  return { prompt, completion: Math.ceil(said / CHARS_A_TOKEN), cached };
}

export function finishOf(thought: Thought): string {
  return thought.finish ?? (thought.calls === undefined ? 'stop' : 'tool_calls');
}
