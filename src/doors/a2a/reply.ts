/**
 * What a workflow may give so that it is said in A2A's own words. Plain JSON, so a journal keeps it.
 *
 * A workflow that knows nothing of A2A gives what it gives: a text becomes an artifact with a text part, anything
 * else one with a data part. One that wants more gives these: as its output, or (artifacts) as the output of a step,
 * which is then streamed when the step is settled.
 */
import type { Json } from '../../base/index.ts';

/** As A2A's JSON writes a part: `{ text }`, `{ data }`, `{ url }` or `{ raw }` (base64), with `filename`, `mediaType`. */
export type PartJson = { [name: string]: Json };

export interface ArtifactReply {
  a2a: 'artifact';
  id?: string;
  name?: string;
  description?: string;
  parts: PartJson[];
  /** Its parts are added to those of the artifact with this id. */
  append?: boolean;
  /** No more of it will come. */
  last?: boolean;
}

export interface MessageReply {
  a2a: 'message';
  parts: PartJson[];
}

export interface TaskReply {
  a2a: 'task';
  /** What is said beside the end of the task. */
  message?: PartJson[];
  artifacts?: Omit<ArtifactReply, 'a2a'>[];
}

export type A2aReply = ArtifactReply | MessageReply | TaskReply;

export function artifactReply(artifact: Omit<ArtifactReply, 'a2a'>): ArtifactReply {
  return { a2a: 'artifact', ...artifact };
}

/** The answer itself: no task is shown for it. */
export function messageReply(...parts: (string | PartJson)[]): MessageReply {
  return { a2a: 'message', parts: parts.map(toPart) };
}

export function taskReply({ message, artifacts }: { message?: string; artifacts?: TaskReply['artifacts'] }): TaskReply {
  const reply: TaskReply = { a2a: 'task' };
  if (message !== undefined) reply.message = [{ text: message }];
  if (artifacts !== undefined) reply.artifacts = artifacts;
  return reply;
}

export function readReply(value: Json | undefined): A2aReply | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const reply = value as unknown as A2aReply;
  if (reply.a2a === 'artifact' || reply.a2a === 'message') return Array.isArray(reply.parts) ? reply : undefined;
  return reply.a2a === 'task' ? reply : undefined;
}

function toPart(part: string | PartJson): PartJson {
  return typeof part === 'string' ? { text: part } : part;
}
