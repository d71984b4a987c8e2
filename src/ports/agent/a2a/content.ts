/** Between a value of ours and A2A's parts. */
import type { Artifact, Message, Part, Task } from '@a2a-js/sdk';
import type { Json } from '../../../base/index.ts';
import type { A2aClientLibrary } from './library.ts';

type Types = A2aClientLibrary['types'];

/** A text is a text part, `{ parts }` are parts as A2A's JSON writes them, anything else is a data part. */
export function partsOf(types: Types, value: Json | undefined): Part[] {
  if (typeof value === 'string') return [types.Part.fromJSON({ text: value })];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { parts, ...rest } = value;
    if (Array.isArray(parts) && parts.length > 0 && Object.keys(rest).length === 0)
      return parts.map((part) => types.Part.fromJSON(part));
  }
  return [types.Part.fromJSON({ data: value ?? null })];
}

export function valueOf(types: Types, parts: readonly Part[]): Json {
  const [only, more] = parts;
  if (only === undefined) return null;
  if (more === undefined && only.content?.$case === 'text') return only.content.value;
  if (more === undefined && only.content?.$case === 'data') return (only.content.value ?? null) as Json;
  return { parts: parts.map((part) => types.Part.toJSON(part) as Json) };
}

/** What a task came to: its artifact, its artifacts by name, or what was said at its end. */
export function outputOf(types: Types, task: Task): Json {
  const { artifacts, status } = task;
  const [only, more] = artifacts;
  if (only === undefined) return status?.message === undefined ? null : valueOf(types, status.message.parts);
  if (more === undefined) return valueOf(types, only.parts);
  return { artifacts: artifacts.map((one) => artifactOf(types, one)) };
}

function artifactOf(types: Types, { artifactId, name, parts }: Artifact): Json {
  return { id: artifactId, name, value: valueOf(types, parts) };
}

export function messageOf(
  types: Types,
  ids: { messageId: string; contextId: string; taskId?: string },
  parts: Part[],
  metadata: Record<string, Json>,
): Message {
  const { messageId, contextId, taskId = '' } = ids;
  const role = types.Role.ROLE_USER;
  return { messageId, contextId, taskId, role, parts, metadata, extensions: [], referenceTaskIds: [] };
}

export function wordsOf(types: Types, message: Message | undefined): string | undefined {
  if (message === undefined || message.parts.length === 0) return undefined;
  const value = valueOf(types, message.parts);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
