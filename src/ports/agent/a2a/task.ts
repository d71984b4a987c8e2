/** A task at the agent: followed until it is over or asks, and what its state means to a run. */
import type { Task } from '@a2a-js/sdk';
import { Fault, isFaultCode } from '../../../base/index.ts';
import { asks, HISTORY, questionFault, questionKeyOf } from './asking.ts';
import type { Connection } from './connection.ts';
import { wordsOf } from './content.ts';
import type { A2aClientLibrary } from './library.ts';
import type { PushWatch } from '../port.ts';

/** Agents without streams are asked at first so often, and then ever less. */
const FIRST_POLL_MS = 100;
const MOST_POLL_MS = 5_000;
/** Those that push are asked all the same, for a push may be lost. */
const FIRST_LOOK_MS = 2_000;
const MOST_LOOK_MS = 60_000;
/** A Skein site says a fault in full here; others leave it away. */
const FAULT_META_KEY = 'dev.skein/fault';
/** Codes by which an agent may say that nothing was done. Others are only words of a stranger. */
const TAKEN_FROM_WIRE = new Set(['agent.busy', 'agent.refused', 'overloaded', 'rights.missing', 'input.invalid']);

export function isOver({ types: { TaskState } }: A2aClientLibrary, task: Task): boolean {
  const over: (Task['status'] & object)['state'][] = [
    TaskState.TASK_STATE_COMPLETED,
    TaskState.TASK_STATE_FAILED,
    TaskState.TASK_STATE_CANCELED,
    TaskState.TASK_STATE_REJECTED,
  ];
  return task.status !== undefined && over.includes(task.status.state);
}

export interface Following {
  name: string;
  signal: AbortSignal;
  say?: (piece: string) => void;
  /** Something was heard of the task. */
  beat?: () => void;
  /** Keys of questions that were answered: they are no news (Q3). */
  answered?: ReadonlySet<string>;
  /** The agent tells us when to look. */
  push?: PushWatch;
}

export async function readTask({ client, card }: Connection, id: string, signal: AbortSignal): Promise<Task> {
  return checkTask(await client.getTask({ tenant: '', id, historyLength: HISTORY }, { signal }), id, card.name);
}

/** Asked about one task, an agent (or what stands before it) may answer about another's: that is no answer to us. */
export function checkTask(task: Task, id: string, agent: string): Task {
  if (task.id === id) return task;
  throw new Fault('agent.failed', `asked about its task ${id}, '${agent}' answers about another one`);
}

export async function followTask(connection: Connection, task: Task, following: Following): Promise<Task> {
  const { library, client, card } = connection;
  const { name, signal, say = () => {}, beat = () => {}, answered, push } = following;
  const isDone = (one: Task): boolean =>
    isOver(library, one) ||
    (asks(library, one) !== undefined && answered?.has(questionKeyOf(name, library, one)) !== true);
  const mostMs = push === undefined ? MOST_POLL_MS : MOST_LOOK_MS;
  let last = task;
  let canStream = card.capabilities?.streaming === true && push === undefined;
  let waitMs = push === undefined ? FIRST_POLL_MS : FIRST_LOOK_MS;
  while (!isDone(last)) {
    signal.throwIfAborted();
    if (canStream) {
      try {
        for await (const { payload } of client.resubscribeTask({ tenant: '', id: task.id }, { signal })) {
          beat();
          if (payload?.$case === 'artifactUpdate') {
            for (const part of payload.value.artifact?.parts ?? [])
              if (part.content?.$case === 'text') say(part.content.value);
          } else if (payload?.$case === 'statusUpdate') {
            const words = wordsOf(library.types, payload.value.status?.message);
            if (words !== undefined) say(words);
            if (isDone({ ...last, status: payload.value.status })) break;
          } else if (payload?.$case === 'task' && isDone(payload.value)) break;
        }
      } catch {
        // The stream broke, or the task was over before it began: asking tells which.
        signal.throwIfAborted();
        canStream = false;
      }
      last = await readTask(connection, task.id, signal);
      if (isDone(last)) return last;
      beat();
    }
    await (push === undefined ? pause(waitMs, signal) : push.wait(waitMs, signal));
    waitMs = Math.min(mostMs, waitMs * 2);
    last = await readTask(connection, task.id, signal);
    beat();
  }
  return last;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Undefined: it is done, and well. */
export function faultOfTask(name: string, library: A2aClientLibrary, task: Task): Fault | undefined {
  const { TaskState } = library.types;
  if (asks(library, task) !== undefined) return questionFault(name, library, task);
  const words = wordsOf(library.types, task.status?.message) ?? '';
  const told = faultIn(task);
  switch (task.status?.state) {
    case TaskState.TASK_STATE_COMPLETED:
      return undefined;
    case TaskState.TASK_STATE_REJECTED:
      return new Fault('agent.refused', `'${name}' rejected the task: ${words}`);
    case TaskState.TASK_STATE_CANCELED:
      return new Fault('agent.failed', `the task was cancelled at '${name}': ${words}`);
    default:
      return told ?? new Fault('agent.failed', `'${name}' failed: ${words}`);
  }
}

function faultIn(task: Task): Fault | undefined {
  const said = task.status?.message?.metadata?.[FAULT_META_KEY] as Record<string, unknown> | undefined;
  const { code, message, afterMs } = said ?? {};
  if (!isFaultCode(code) || !TAKEN_FROM_WIRE.has(code)) return undefined;
  return new Fault(code, String(message), typeof afterMs === 'number' && afterMs >= 0 ? { afterMs } : {});
}
