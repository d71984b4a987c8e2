/** From what a model says to what was asked for: JSON that fits a schema, read out of text. */
import type { Json } from '../../../base/index.ts';
import { schemaProblem } from '../../../model/index.ts';
import type { Part } from './turn.ts';

/** The agent that takes the turns of one that has tools. */
export function modelOf(agent: string): string {
  return `${agent}.model`;
}

/** The skill under which a model's single turns are asked for, in a run of its turns and tool calls. */
export function turnSkillOf(agent: string): string {
  return `${agent}.turn`;
}

/** The agent that finds tools for one that has many, and the skill for it. */
export function shelfOf(agent: string): string {
  return `${agent}.shelf`;
}

export function shelfSkillOf(agent: string): string {
  return `${agent}.find tools`;
}

/** A word of `tools` that means several: `prefix*`, or `@agent`. */
export function isPattern(word: string): boolean {
  return word.startsWith('@') || word.endsWith('*');
}

/** What every provider takes as the name of a tool. */
export function toolName(skill: string): string {
  return skill.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}

/** Times that a model is told what is wrong with its answer, and asked for it again. */
export const MAX_REPAIRS = 2;

/** How a schema is put to a provider: most want an object at the root. */
export interface Wanted {
  schema: Json;
  /** The answer is a member of an object. */
  wrapped: boolean;
}

export function wantedOf(schema: Json): Wanted {
  const root = typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? schema : {};
  if (root['type'] === 'object') return { schema, wrapped: false };
  const { $schema: _, $defs, ...rest } = root;
  const object: Json = {
    type: 'object',
    properties: { value: rest },
    required: ['value'],
    additionalProperties: false,
  };
  return { schema: $defs === undefined ? object : { ...object, $defs }, wrapped: true };
}

/** Any text will do. */
export function isPlainText(schema: Json | undefined): boolean {
  if (schema === undefined) return true;
  const { $schema: _, description: __, title: ___, ...rest } = schema as Record<string, Json>;
  return rest['type'] === 'string' && Object.keys(rest).length === 1;
}

export function wordsFor({ schema }: Wanted): string {
  return `Answer with one JSON value and nothing else: no prose around it, no code fence. It must fit this JSON Schema:\n${JSON.stringify(schema)}`;
}

export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.is === 'text' ? part.text : '')).join('');
}

export type Read = { value: Json } | { problem: string };

export function readAnswer(text: string, wanted: Wanted): Read {
  const read = readJson(text);
  if ('problem' in read) return read;
  const problem = schemaProblem(wanted.schema, read.value);
  if (problem !== undefined) {
    // Some leave the wrapping out, and what they say fits what was meant.
    const inner = wanted.wrapped ? (wanted.schema as { properties: { value: Json } }).properties.value : undefined;
    if (inner !== undefined && schemaProblem(inner, read.value) === undefined) return read;
    return { problem };
  }
  return { value: wanted.wrapped ? (read.value as { value: Json }).value : read.value };
}

/** Models like fences and a word before and after. */
function readJson(text: string): Read {
  const readings = new Set([text, fenced(text), between(text, '{', '}'), between(text, '[', ']')]);
  for (const tried of readings) {
    if (tried === undefined) continue;
    try {
      return { value: JSON.parse(tried) as Json };
    } catch {
      // The next reading of it may do.
    }
  }
  return { problem: text.trim() === '' ? 'it is empty' : 'it is no JSON' };
}

const FENCE = '```';

/** By looking for the signs: a pattern that tries every place takes minutes over a long text without an end. */
function fenced(text: string): string | undefined {
  const from = text.indexOf(FENCE);
  const to = from < 0 ? -1 : text.indexOf(FENCE, from + FENCE.length);
  if (to < 0) return undefined;
  return text.slice(from + FENCE.length, to).replace(/^json/i, '');
}

function between(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open);
  const to = text.lastIndexOf(close);
  return from >= 0 && to > from ? text.slice(from, to + 1) : undefined;
}

export function mendWords(problem: string): string {
  return `That answer cannot be taken: ${problem}. Answer again, with the JSON value only.`;
}
