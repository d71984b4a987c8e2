/** Code that waits for something that is no step would wait for ever, and nobody would know. */
import { type Clock, Fault, faultToData } from '../base/index.ts';
import type { Input } from '../model/index.ts';
import { type Host, isIdle } from './host.ts';

/** Code that waits for nothing of ours for this long is stuck. */
export const STUCK_MS = 30_000;
/** It is looked at this often in that time. */
const STUCK_LOOKS = 4;

/** Call it often: it looks when it is time to. */
export function createStuckFinder(
  clock: Clock,
  hosts: ReadonlyMap<string, Host>,
  post: (host: Host, input: Input) => void,
): () => void {
  let lookAt = 0;
  return () => {
    const now = clock.monotonicMs();
    if (now - lookAt < STUCK_MS / STUCK_LOOKS) return;
    lookAt = now;
    for (const host of hosts.values()) {
      if (host.coroutine === undefined || host.coroutine.pending || !isIdle(host.state)) continue;
      if (host.gone || host.ended || host.state.phase !== 'running') continue;
      if (host.inbox.length > 0 || host.releases.length > 0 || host.idleLooks++ < STUCK_LOOKS) continue;
      const message = `the code of '${host.state.workflow}' has waited ${STUCK_MS} ms for something that is no step`;
      post(host, { in: 'returned', fault: faultToData(new Fault('workflow.stuck', message)), unasked: [] });
    }
  };
}
