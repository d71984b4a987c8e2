/** The real clock and real chance. */
import { randomBytes } from 'node:crypto';
import { type Chance, type Clock, MAX_TIMER_MS } from '../base/index.ts';

export const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(ms, call) {
    let timer = arm(ms);
    function arm(left: number): NodeJS.Timeout {
      if (left <= MAX_TIMER_MS) return setTimeout(call, left);
      return setTimeout(() => (timer = arm(left - MAX_TIMER_MS)), MAX_TIMER_MS);
    }
    return () => clearTimeout(timer);
  },
  soon(call) {
    setImmediate(call);
  },
};

/** Hex drawn at once, handed out in slices: a salt costs no system call. */
const POOL_BYTES = 16_384;

export function createSecureChance(): Chance {
  let pool = '';
  let at = 0;
  return {
    next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    hex(n) {
      if (at + 2 * n > pool.length) {
        pool = randomBytes(Math.max(POOL_BYTES, n)).toString('hex');
        at = 0;
      }
      const text = pool.slice(at, at + 2 * n);
      at += 2 * n;
      return text;
    },
  };
}
