/**
 * Pushes: agents of others tell us that a task of ours there has changed, and whoever waits for it looks.
 *
 * W1  A push is a hint: nothing in it is believed. What the task has become is read from the agent itself.
 * W2  Its token is made of the site's key and what it is about: none is kept, it is the same after a restart, and one
 *     for another task is refused.
 * W3  One that comes to a process that does not wait for it wakes nobody; who waits looks from time to time anyway.
 */
import { timingSafeEqual } from 'node:crypto';
import type { PushDesk, PushWatch } from '../ports/agent/index.ts';
import type { SiteKey } from './audit/index.ts';

export interface Pushes extends PushDesk {
  /** A door takes them from now on, under this address. */
  open(url: string, key: SiteKey): void;
  /** False: the token is not the one of this subject. */
  hear(subject: string, token: string): boolean;
}

/** Looked at before anything is computed. */
const MAX_CHARS = 128;

export function createPushes(): Pushes {
  let door: { url: string; key: SiteKey } | undefined;
  const watches = new Map<string, Set<() => void>>();

  const tokenOf = (subject: string, key: SiteKey): string => key.sign(`skein push ${subject}`);

  return {
    open(url, key) {
      door = { url, key };
    },
    address: (subject) => door && { url: `${door.url}/${subject}`, token: tokenOf(subject, door.key) },
    hear(subject, token) {
      if (door === undefined || subject.length > MAX_CHARS || token.length > MAX_CHARS) return false;
      const given = Buffer.from(token);
      const known = Buffer.from(tokenOf(subject, door.key));
      if (given.length !== known.length || !timingSafeEqual(given, known)) return false;
      for (const wake of watches.get(subject) ?? []) wake();
      return true;
    },
    watch: (subject) => createWatch(watches, subject),
  };
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
