/** What goes wrong beside the runs, in words, as it happens: a store that fails, an API that finds agents, a worker gone. */
import type { Fault } from '../../base/index.ts';
import type { Door } from './door.ts';
import { plain } from './paint.ts';

/** The same trouble again says nothing new. */
const REPEAT_MS = 30_000;

export function troubles(door: Door): (run: string | undefined, fault: Fault | undefined) => void {
  const told = new Map<string, number>();
  return (run, fault) => {
    if (fault === undefined) return;
    const what = `${run ?? ''} ${fault.code} ${fault.message}`;
    const nowMs = Date.now();
    if (nowMs - (told.get(what) ?? -Infinity) < REPEAT_MS) return;
    told.set(what, nowMs);
    if (told.size > 1_000) told.clear();
    const where = run === undefined ? '' : `${run}: `;
    door.note(`${door.paint('yellow', fault.code)}: ${where}${plain(fault.message)}`);
  };
}
