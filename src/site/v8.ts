/** What a site asks of V8. It holds for the whole process, and changes no result. */
import { setFlagsFromString } from 'node:v8';

let isSet = false;

/**
 * V1  Patterns may be a stranger's (`matches` in a plan, `pattern` in a schema). One that goes back and forth too often is
 *     matched anew by an engine that never does. It says the same; what it cannot do is refused, or written in a way that it
 *     can (model/pattern-bounds.ts).
 * V2  No object is taken for a long-lived one when it is made. What a run holds lives as long as the run: many at once, and V8
 *     makes the later ones where only a full collection finds them, with all that they hold (docs/performance.md, 18).
 */
export function setUpV8(): void {
  if (isSet) return;
  isSet = true;
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
