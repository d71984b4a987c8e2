/** Who wants to hear that there may be something new, from this process or another. */
import type { Connection } from './sqlite-connection.ts';

export interface Watchers {
  add(who: unknown, call: () => void): () => void;
  /** Something was written in this process by `who`. */
  wake(by: unknown): void;
  stop(): void;
}

export function createWatchers(connection: Connection, everyMs: number): Watchers {
  const calls = new Map<symbol, { who: unknown; call: () => void }>();
  let timer: NodeJS.Timeout | null = null;
  let seen: number | null = null;

  /** The number rises when another connection has committed; our own commits leave it. */
  function version(): number | null {
    try {
      return connection.bare(({ sql }) => (sql.dataVersion.get() as { data_version: number }).data_version);
    } catch {
      return null;
    }
  }

  function look(): void {
    const now = version();
    if (now === seen || now === null) return;
    seen = now;
    for (const { call } of calls.values()) call();
  }

  function stop(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  return {
    add(who, call) {
      const key = Symbol();
      calls.set(key, { who, call });
      if (timer === null) {
        seen = version();
        timer = setInterval(look, everyMs).unref();
      }
      return () => {
        calls.delete(key);
        if (calls.size === 0) stop();
      };
    },
    wake(by) {
      for (const { who, call } of calls.values()) if (who !== by) queueMicrotask(call);
    },
    stop() {
      stop();
      calls.clear();
    },
  };
}
