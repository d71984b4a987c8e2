/** A worker's heartbeat: what keeps its lease, and mends its connections when they were lost. */

/** After a failure. */
const RETRY_MS = 250;

export interface Bell {
  /** Rings soon, not only at its time. */
  poke(): void;
  stop(): void;
}

/** The heartbeat: at its time, and soon again after a failure. Never two at once. */
export function createBell(ring: () => Promise<void>, everyMs: number): Bell {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let ringing = false;
  let again = false;

  function wait(ms: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => void go(), ms);
    timer.unref();
  }
  async function go(): Promise<void> {
    if (ringing) {
      again = true;
      return;
    }
    ringing = true;
    again = false;
    const failed = await ring().then(
      () => false,
      () => true,
    );
    ringing = false;
    if (failed) wait(Math.min(everyMs, RETRY_MS));
    else wait(again ? 0 : everyMs);
  }
  wait(everyMs);
  return {
    poke: () => wait(0),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
