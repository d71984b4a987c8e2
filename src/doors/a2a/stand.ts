/** Where a task stands: what may still be said of it, and what must be waited for. */
import type { TaskState } from '@a2a-js/sdk';
import type { A2aLibrary } from './library.ts';

export interface Stand {
  isOver(state: TaskState): boolean;
  /** It goes on when somebody answers. */
  isInterrupted(state: TaskState): boolean;
}

export function createStand({ types: { TaskState } }: A2aLibrary): Stand {
  const over = new Set<TaskState>([
    TaskState.TASK_STATE_COMPLETED,
    TaskState.TASK_STATE_FAILED,
    TaskState.TASK_STATE_CANCELED,
    TaskState.TASK_STATE_REJECTED,
  ]);
  const interrupted = new Set<TaskState>([TaskState.TASK_STATE_INPUT_REQUIRED, TaskState.TASK_STATE_AUTH_REQUIRED]);
  return { isOver: (state) => over.has(state), isInterrupted: (state) => interrupted.has(state) };
}
