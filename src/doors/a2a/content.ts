/** Between a message of A2A and a value of ours: what one says in parts, the other in JSON. */
import type { Message, Part } from '@a2a-js/sdk';
import type { Json } from '../../base/index.ts';
import type { A2aLibrary } from './library.ts';

type Types = A2aLibrary['types'];

/** One text is a text, one data part its data; anything else is `{ parts }` as A2A's JSON writes them. */
export function contentOf(types: Types, message: Message): Json {
  const [only, more] = message.parts;
  if (more === undefined && only?.content?.$case === 'text') return only.content.value;
  if (more === undefined && only?.content?.$case === 'data') return (only.content.value ?? null) as Json;
  // JSON has no other word for a data part that holds null.
  if (more === undefined && only?.content === undefined) return null;
  return { parts: message.parts.map((part) => types.Part.toJSON(part) as Json) };
}

/** The parts that a value is said in: what `contentOf` made of a message is made back. */
export function partsOf(types: Types, value: Json | undefined): Part[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [types.Part.fromJSON({ text: value })];
  if (typeof value === 'object' && !Array.isArray(value)) {
    const { parts, ...rest } = value;
    if (Array.isArray(parts) && Object.keys(rest).length === 0) return readParts(types, parts);
    const message = messageIn(types, value);
    if (message !== undefined) return message.parts;
  }
  return [types.Part.fromJSON({ data: value })];
}

export function readParts(types: Types, parts: readonly Json[]): Part[] {
  return parts.filter((part) => typeof part === 'object' && part !== null).map((part) => types.Part.fromJSON(part));
}

/** A workflow that takes messages has them as they came. */
export function messageIn(types: Types, value: Json | undefined): Message | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (typeof value['messageId'] !== 'string' || !Array.isArray(value['parts'])) return undefined;
  return types.Message.fromJSON(value);
}

export function agentMessage(types: Types, id: string, task: TaskIds, parts: Part[]): Message {
  return {
    messageId: id,
    contextId: task.contextId,
    taskId: task.id,
    role: types.Role.ROLE_AGENT,
    parts,
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

export interface TaskIds {
  id: string;
  contextId: string;
}
