/**
 * Pushes: agents of others tell us that a task of ours there has changed, and whoever waits for it looks.
 *
 * W1  A push is a hint: nothing in it is believed. What the task has become is read from the agent itself.
 * W2  Its token is made of the site's key and what it is about: none is kept, it is the same after a restart, and one
 *     for another task is refused.
 * W3  One that comes to a process that does not wait for it is passed on, by a letter to its run, to the worker that
 *     holds the run; who waits looks from time to time anyway.
 */
import { timingSafeEqual } from 'node:crypto';
import { timerLetter } from '../model/index.ts';
import type { PushAbout, PushDesk, PushWatch } from '../ports/agent/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { SiteKey } from './audit/index.ts';

export interface Pushes extends PushDesk {
  /** A door takes them from now on, under this address. */
  open(url: string, key: SiteKey): void;
  /** False: the token is not the one of this subject. */
  hear(subject: string, token: string): boolean;
  /** The way to other workers of the store: tells whoever holds this run. */
  reach(tell: (run: string, subject: string) => Promise<void>): void;
  /** Another process has heard a push about this. */
  wake(subject: string): void;
}

/** Looked at before anything is computed. */
const MAX_CHARS = 1_024;
/** An agent that pushes more often about one task makes no more letters than one in this time. */
const TELL_MS = 1_000;
/** So many tasks are passed on in that time; for more it is left to their own looks. */
const MAX_TOLD = 1_000;

/** A task's name holds no dot. */
function subjectOf({ task, run }: PushAbout): string {
  return `${task}.${run}`;
}

function runOf(subject: string): string {
  return subject.slice(subject.indexOf('.') + 1);
}

export function createPushes(): Pushes {
  let door: { url: string; key: SiteKey } | undefined;
  const watches = new Map<string, Set<() => void>>();

  /** Passed on lately; true: it came again since. */
  const told = new Map<string, boolean>();
  let tell: (run: string, subject: string) => Promise<void> = async () => {};

  function wake(subject: string): boolean {
    const waiting = watches.get(subject);
    for (const one of waiting ?? []) one();
    return waiting !== undefined;
  }

  function passOn(subject: string): void {
    if (told.has(subject)) return void told.set(subject, true);
    if (told.size >= MAX_TOLD) return;
    told.set(subject, false);
    // A hint that is lost is no harm.
    void tell(runOf(subject), subject).catch(() => {});
    setTimeout(() => {
      const again = told.get(subject);
      told.delete(subject);
      if (again === true) passOn(subject);
    }, TELL_MS).unref();
  }

  const tokenOf = (subject: string, key: SiteKey): string => key.sign(`skein push ${subject}`);

  return {
    open(url, key) {
      door = { url, key };
    },
    address(about) {
      const subject = subjectOf(about);
      if (door === undefined || subject.length > MAX_CHARS) return undefined;
      return { url: `${door.url}/${encodeURIComponent(subject)}`, token: tokenOf(subject, door.key) };
    },
    hear(subject, token) {
      if (door === undefined || subject.length > MAX_CHARS || token.length > MAX_CHARS) return false;
      const given = Buffer.from(token);
      const known = Buffer.from(tokenOf(subject, door.key));
      if (given.length !== known.length || !timingSafeEqual(given, known)) return false;
      if (!wake(subject)) passOn(subject);
      return true;
    },
    reach(given) {
      tell = given;
    },
    wake: (subject) => void wake(subject),
    watch: (about) => createWatch(watches, subjectOf(about)),
  };
}

/** A timer of no step: the letter is taken, and nothing is journaled of it. */
const TIMER = 'pushed|';

/** Tells whoever holds the run, where that is another worker than this one. */
export function tellByLetter(store: Store, own: string): (run: string, subject: string) => Promise<void> {
  return async (run, subject) => {
    const { status, owner = null } = (await store.info(run)) ?? {};
    // Nobody's run waits in no process; whoever takes it up looks first.
    if (status !== 'open' || owner === null || owner === own) return;
    const id = `${TIMER}${subject}`;
    const letter = timerLetter(id);
    await store.post([{ to: run, id: letter, dueMs: 0, body: JSON.stringify({ in: 'timer', id, letter }) }]);
  };
}

export function heardByLetter(pushes: Pushes | undefined, timer: string): void {
  if (timer.startsWith(TIMER)) pushes?.wake(timer.slice(TIMER.length));
}

function createWatch(watches: Map<string, Set<() => void>>, subject: string): PushWatch {
  let isHeard = false;
  let wake: (() => void) | undefined;
  const heard = (): void => {
    isHeard = true;
    wake?.();
  };
  const others = watches.get(subject) ?? new Set();
  watches.set(subject, others.add(heard));

  return {
    async wait(ms, signal) {
      signal.throwIfAborted();
      // What came while nobody waited counts, too.
      if (!isHeard)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        }).finally(() => {
          if (wake !== undefined) signal.removeEventListener('abort', wake);
          wake = undefined;
        });
      isHeard = false;
      signal.throwIfAborted();
    },
    close() {
      others.delete(heard);
      if (others.size === 0) watches.delete(subject);
    },
  };
}
