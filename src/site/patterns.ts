/** Patterns may be a stranger's (`matches` in a plan, `pattern` in a schema): they take the time of their text, and no more. */
import { setFlagsFromString } from 'node:v8';

let isSet = false;

/**
 * From now on a pattern that goes back and forth too often is matched anew by an engine that never does. It says the
 * same; what it cannot do is refused, or written in a way that it can (model/pattern-bounds.ts).
 */
export function boundPatterns(): void {
  if (isSet) return;
  isSet = true;
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}
