/** What a change of a task is on the wire. */
import type { StreamResponse } from '@a2a-js/sdk';
import type { Step } from './tasks.ts';
import type { TaskView } from './view.ts';

export function payloadsOf(view: TaskView, step: Step): StreamResponse[] {
  const ids = { taskId: view.ids.id, contextId: view.ids.contextId, metadata: undefined };
  const payloads: StreamResponse[] = step.artifacts.map((value) => ({
    payload: { $case: 'artifactUpdate', value: { ...ids, ...value } },
  }));
  if (step.status) {
    // A stream has begun as a task: an answer that is a message is said beside its end.
    const status = view.message === undefined ? view.status : { ...view.status, message: view.message };
    payloads.push({ payload: { $case: 'statusUpdate', value: { ...ids, status } } });
  }
  return payloads;
}

export function taskPayload(view: TaskView): StreamResponse {
  return { payload: { $case: 'task', value: view.task() } };
}
