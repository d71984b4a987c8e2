/** Patterns in expressions are a stranger's (`matches` in a plan): they may take the time of their text, and no more. */
import { setFlagsFromString } from 'node:v8';

let isSet = false;

/**
 * From now on a pattern that goes back and forth too often is matched anew by an engine that never does. It says the
 * same; only what looks around or back it cannot do, and such patterns are refused (model/expr-bounds.ts).
 */
export function boundPatterns(): void {
  if (isSet) return;
  isSet = true;
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}
