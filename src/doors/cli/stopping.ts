/** Ctrl-C: the first time it is a wish, the second time it is an order. */
import { EXITS } from './exits.ts';
import type { Terminal } from './terminal.ts';

export interface Stopping extends Disposable {
  readonly signal: AbortSignal;
  readonly asked: boolean;
}

/** Aborts its signal at the first Ctrl-C and ends the process at the second. */
export function untilStopped(terminal: Terminal, exit: (code: number) => void = process.exit): Stopping {
  const controller = new AbortController();
  const off = terminal.onStop(() => {
    // Over the `^C` that the terminal shows.
    if (terminal.draws) terminal.err('\r');
    if (controller.signal.aborted) exit(EXITS.left);
    else controller.abort();
  });
  return {
    signal: controller.signal,
    get asked() {
      return controller.signal.aborted;
    },
    [Symbol.dispose]: () => off(),
  };
}

/** Runs what ends by itself or at Ctrl-C; false = it was Ctrl-C. */
export async function unlessStopped(stopping: Stopping, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    if (!stopping.asked) throw thrown;
    return false;
  }
}
