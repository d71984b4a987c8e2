/**
 * Promises that the code of a run (or an agent in this process) let fall: `const p = helper(); ...` whose
 * failure nobody awaits. In a plain program that ends the process; here one run must not take down the
 * others. Rejections that do not come from a run keep their meaning.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type Fault, toFault } from '../base/index.ts';

type Told = (run: string, fault: Fault) => void;

interface Origin {
  run: string;
  told: Told;
}

const origins = new AsyncLocalStorage<Origin>();
let guards = 0;

/**
 * Where what belongs to a run is worked (`runInAsyncScope`), so that what it lets fall is known to be its own. One for
 * each run: entering it costs a twentieth of a storage's `run`, which makes two maps.
 */
export function originOf(run: string, told: Told): AsyncResource {
  return origins.run({ run, told }, () => new AsyncResource('skein.run', { requireManualDestroy: true }));
}

/** Until the returned function is called, stray failures of runs are told and do no harm. */
export function guardStrays(): () => void {
  if (guards++ === 0) process.on('unhandledRejection', onStray).on('rejectionHandled', awaitedLate);
  let done = false;
  return () => {
    if (done) return;
    done = true;
    if (--guards === 0) process.off('unhandledRejection', onStray).off('rejectionHandled', awaitedLate);
  };
}

/** `const a = one(); const b = two(); await a; await b`: nothing to warn of. */
function awaitedLate(): void {}

function onStray(reason: unknown): void {
  const origin = origins.getStore();
  if (origin !== undefined) return origin.told(origin.run, toFault(reason, 'workflow.threw'));
  // Not ours, and nobody else listens: what would have happened without us.
  if (process.listenerCount('unhandledRejection') === 1) throw reason;
}
