/** A task at the agent: followed until it is over or asks, and what its state means to a run. */
import type { Task, TaskState } from '@a2a-js/sdk';
import { Fault, isFaultCode } from '../../../base/index.ts';
import type { Connection } from './connection.ts';
import { wordsOf } from './content.ts';
import type { A2aClientLibrary } from './library.ts';

/** Agents without streams are asked at first so often, and then ever less. */
const FIRST_POLL_MS = 100;
const MOST_POLL_MS = 5_000;
/** A Skein site says a fault in full here; others leave it away. */
const FAULT_META_KEY = 'dev.skein/fault';
/** Codes by which an agent may say that nothing was done. Others are only words of a stranger. */
const TAKEN_FROM_WIRE = new Set(['agent.busy', 'agent.refused', 'overloaded', 'rights.missing', 'input.invalid']);

export function isOver({ types: { TaskState } }: A2aClientLibrary, task: Task): boolean {
  const over: (TaskState | undefined)[] = [
    TaskState.TASK_STATE_COMPLETED,
    TaskState.TASK_STATE_FAILED,
    TaskState.TASK_STATE_CANCELED,
    TaskState.TASK_STATE_REJECTED,
  ];
  return over.includes(task.status?.state);
}

export function asks({ types: { TaskState } }: A2aClientLibrary, task: Task): 'input' | 'authentication' | undefined {
  if (task.status?.state === TaskState.TASK_STATE_INPUT_REQUIRED) return 'input';
  return task.status?.state === TaskState.TASK_STATE_AUTH_REQUIRED ? 'authentication' : undefined;
}

export async function followTask(
  { library, client, card }: Connection,
  task: Task,
  signal: AbortSignal,
  say: (piece: string) => void,
): Promise<Task> {
  const isDone = (one: Task): boolean => isOver(library, one) || asks(library, one) !== undefined;
  const read = (): Promise<Task> => client.getTask({ tenant: '', id: task.id, historyLength: 1 }, { signal });
  let last = task;
  let canStream = card.capabilities?.streaming === true;
  for (let waitMs = FIRST_POLL_MS; !isDone(last); waitMs = Math.min(MOST_POLL_MS, waitMs * 2)) {
    signal.throwIfAborted();
    if (canStream) {
      try {
        for await (const { payload } of client.resubscribeTask({ tenant: '', id: task.id }, { signal })) {
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
    } else await pause(waitMs, signal);
    last = await read();
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
  const words = wordsOf(library.types, task.status?.message) ?? '';
  const waits = asks(library, task);
  if (waits !== undefined)
    return new Fault('agent.refused', `'${name}' asks for ${waits}: ${words || 'it does not say what'}`, {
      detail: { asks: waits, question: words, task: task.id },
    });
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

export type { TaskState };
