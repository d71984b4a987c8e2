/**
 * Telling others of a task: each change of it is posted to the addresses that were given, through the safe way out.
 *
 * P1  At least once, in order: what was told is noted after it was answered, so a restart tells again what was not.
 * P2  Who does not answer after some tries is passed over for this change; the task is never held up.
 */
import type { StreamResponse, Task } from '@a2a-js/sdk';
import type { Clock } from '../../base/index.ts';
import type { Net } from '../../ports/net/index.ts';
import type { TaskIds } from './content.ts';
import type { A2aLibrary } from './library.ts';
import type { PushBook, PushEntry } from './push-book.ts';
import { payloadsOf } from './stream.ts';
import type { Tasks } from './tasks.ts';
import { createTaskView } from './view.ts';

const TRIES = 3;
const FIRST_WAIT_MS = 250;
/** A receiver that has not answered by then is not waited for. */
const ANSWER_MS = 10_000;
const LIMITS = { answerMs: ANSWER_MS, idleMs: ANSWER_MS, totalMs: ANSWER_MS, maxBytes: 64 * 1024 };

/** The task is over, and all of it was told. */
const TOLD_ALL = Number.MAX_SAFE_INTEGER;

export interface Pushing {
  /** Tells of this task from now on, or goes on after a restart. */
  tell(ids: TaskIds): void;
  close(): Promise<void>;
}

export interface PushOptions {
  library: A2aLibrary;
  book: PushBook;
  tasks: Tasks;
  net: Net;
  clock: Clock;
  onTrouble(thrown: unknown): void;
}

export function createPushing({ library, book, tasks, net, clock, onTrouble }: PushOptions): Pushing {
  const { types, legacy } = library;
  const telling = new Map<string, Promise<void>>();
  const closing = new AbortController();
  const oldSerializer = new legacy.V03PushNotificationSerializer();

  async function tellAll(ids: TaskIds): Promise<void> {
    const task = ids.id;
    const view = createTaskView(library, ids);
    for await (const step of tasks.follow(view, { signal: closing.signal })) {
      const payloads = payloadsOf(view, step);
      for (const entry of book.of(task)) {
        if (entry.told >= view.seq) continue;
        for (const payload of payloads) await deliver(entry, payload, view.task());
        if (payloads.length > 0 && book.of(task).some((one) => one.id === entry.id))
          book.put({ ...entry, told: view.seq });
      }
    }
    for (const entry of book.of(task)) book.put({ ...entry, told: TOLD_ALL });
  }

  async function deliver(entry: PushEntry, payload: StreamResponse, task: Task): Promise<void> {
    const old = entry.version === '0.3' ? oldSerializer.serialize(payload, task) : undefined;
    const body = old?.body ?? JSON.stringify(types.StreamResponse.toJSON(payload));
    const headers: Record<string, string> = {
      'content-type': old?.contentType ?? types.A2A_CONTENT_TYPE,
      'a2a-version': entry.version,
    };
    if (entry.token !== '') headers['x-a2a-notification-token'] = entry.token;
    if (entry.scheme !== '') headers['authorization'] = `${entry.scheme} ${entry.credentials}`.trim();
    for (let tries = 1, waitMs = FIRST_WAIT_MS; ; tries++, waitMs *= 2) {
      try {
        const answer = await net.fetch(entry.url, {
          method: 'POST',
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
          limits: LIMITS,
          signal: closing.signal,
        });
        await answer.body?.cancel();
        if (answer.ok || answer.status < 500) return;
      } catch (thrown) {
        if (closing.signal.aborted) throw thrown;
        if (tries >= TRIES) return onTrouble(thrown);
      }
      if (tries >= TRIES) return;
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }

  return {
    tell(ids) {
      const task = ids.id;
      if (telling.has(task) || book.of(task).every((one) => one.told === TOLD_ALL)) return;
      const work = tellAll(ids)
        .catch((thrown: unknown) => void (closing.signal.aborted || onTrouble(thrown)))
        .finally(() => telling.delete(task));
      telling.set(task, work);
    },
    async close() {
      closing.abort();
      await Promise.allSettled(telling.values());
    },
  };
}
