import type { Clock } from '../base/index.ts';

/** Waits for the work, but no longer than so; says whether it was done. */
export async function within(clock: Clock, work: Promise<void>, ms: number): Promise<boolean> {
  let cancel = (): void => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  const done = await Promise.race([work.then(() => true), late]);
  cancel();
  return done;
}
