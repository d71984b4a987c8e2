/** A clock for trials: it stands still until it is told to go on, and days pass at once. */
import type { Clock } from '../../base/index.ts';

export interface TrialClock extends Clock {
  /** Lets everything happen that can happen without time passing. */
  drain(): Promise<void>;
  /** Lets time pass step by step (at most `mostMs` of it) until this is so; false = it never was. */
  until(isSo: () => boolean | Promise<boolean>, mostMs?: number): Promise<boolean>;
  /** So much later, at once: what fell due meanwhile happens now. */
  jump(ms: number): Promise<void>;
}

interface Timer {
  dueMs: number;
  order: number;
  call: () => void;
}

/** Looks without anything to do that count as quiet: promises of stores and agents resolve between them. */
const QUIET_LOOKS = 4;

export function createTrialClock(startMs = 1_700_000_000_000): TrialClock {
  let nowMs = startMs;
  let order = 0;
  let doings = 0;
  const timers = new Set<Timer>();

  function next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers)
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      )
        first = timer;
    return first;
  }

  function fire(timer: Timer): void {
    timers.delete(timer);
    nowMs = Math.max(nowMs, timer.dueMs);
    doings++;
    timer.call();
  }

  const clock: TrialClock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(ms, call) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, ms), order: order++, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    soon(call) {
      doings++;
      setImmediate(() => {
        doings++;
        call();
      });
    },
    async drain() {
      for (let quiet = 0, seen = -1; quiet < QUIET_LOOKS; quiet = seen === doings ? quiet + 1 : 0) {
        seen = doings;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
    async until(isSo, mostMs = 60_000) {
      const endMs = nowMs + mostMs;
      for (;;) {
        await clock.drain();
        if (await isSo()) return true;
        const timer = next();
        if (timer === undefined || timer.dueMs > endMs) return false;
        fire(timer);
      }
    },
    async jump(ms) {
      nowMs += ms;
      const due = [...timers].filter((t) => t.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      for (const timer of due) if (timers.has(timer)) fire(timer);
      await clock.drain();
    },
  };
  return clock;
}
