/** The last few ends of runs. */
import type { RunState } from '../model/index.ts';

/** Short runs end before anybody waits for them: the last few ends are kept at hand. */
const RECENT = 256;

export function remember(recent: Map<string, RunState>, run: string, state: RunState): void {
  recent.set(run, state);
  if (recent.size <= RECENT) return;
  for (const oldest of recent.keys()) {
    recent.delete(oldest);
    return;
  }
}
