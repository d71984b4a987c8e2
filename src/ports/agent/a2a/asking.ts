/**
 * A task that asks (input, authentication), and what a person says to it.
 *
 * Q1  A question's key holds the id of its task: so an answer finds the task whatever became of us since, also at an
 *     agent that lists nothing.
 * Q2  An answer is a message whose id is made of the call and the question: sent twice it is the same one, and one
 *     that the task's history holds is not sent again.
 * Q3  A question that was answered is no news: its task is followed until it says something else.
 */
import type { Message, Task } from '@a2a-js/sdk';
import { canonicalJson, Fault, hashText, type Json } from '../../../base/index.ts';
import type { AgentCall } from '../port.ts';
import { messageOf, partsOf, wordsOf } from './content.ts';
import type { A2aClientLibrary } from './library.ts';

/** How a task is told that a person agrees, or has let it in elsewhere. */
const YES = 'approve';
const HASH_CHARS = 22;
/** So many messages of a task are looked through for an answer that was sent before. */
export const HISTORY = 32;

export interface Answered {
  key: string;
  task: string;
  value: Json;
}

export function asks({ types: { TaskState } }: A2aClientLibrary, task: Task): 'input' | 'authentication' | undefined {
  if (task.status?.state === TaskState.TASK_STATE_INPUT_REQUIRED) return 'input';
  return task.status?.state === TaskState.TASK_STATE_AUTH_REQUIRED ? 'authentication' : undefined;
}

const prefixOf = (agent: string): string => `a2a|${agent}|`;

/** By which a question is known again. Agents that give their words no id are known by the time they said them. */
export function questionKeyOf(agent: string, library: A2aClientLibrary, task: Task): string {
  const { message, timestamp } = task.status ?? {};
  const said = [asks(library, task) ?? null, message?.messageId || timestamp || null];
  const words = wordsOf(library.types, message) ?? null;
  return `${prefixOf(agent)}${hashText(canonicalJson([...said, words])).slice(0, HASH_CHARS)}|${task.id}`;
}

/** What persons said to this agent's questions in this step, the latest last. */
export function answersOf(agent: string, { answers = {} }: Pick<AgentCall, 'answers'>): Answered[] {
  const prefix = prefixOf(agent);
  return Object.entries(answers).flatMap(([key, value]) => {
    if (!key.startsWith(prefix)) return [];
    return [{ key, task: key.slice(prefix.length + HASH_CHARS + 1), value }];
  });
}

/** The step waits for a person, and the call is made again with the answer. */
export function questionFault(agent: string, library: A2aClientLibrary, task: Task): Fault {
  const wants = asks(library, task);
  const words = wordsOf(library.types, task.status?.message) ?? '';
  const message = words || `it asks for ${wants}, and does not say what`;
  return new Fault('input.required', `'${agent}' asks for ${wants}: ${message}`, {
    detail: { question: { key: questionKeyOf(agent, library, task), message, wants: wants ?? null, task: task.id } },
  });
}

export function answerMessage(types: A2aClientLibrary['types'], call: AgentCall, said: Answered): Message {
  const { task, value } = said;
  // Approved is agreed to, and holds no value.
  const isYes = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return messageOf(
    types,
    { messageId: answerId(call, said), contextId: '', taskId: task },
    partsOf(types, isYes ? YES : value),
    {
      skill: call.skill,
      key: call.key,
    },
  );
}

export function isSent(call: AgentCall, said: Answered, { history }: Task): boolean {
  return history.some((message) => message.messageId === answerId(call, said));
}

function answerId(call: AgentCall, { key }: Answered): string {
  return `skein-${hashText(JSON.stringify([call.key, key])).slice(0, 32)}`;
}
