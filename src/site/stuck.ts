/** Code that waits for something that is no step would wait for ever: after a while the run says so. */
import { type Clock, Fault, faultToData } from '../base/index.ts';
import type { Input } from '../model/index.ts';
import { type Host, isIdle } from './host.ts';

export const STUCK_MS = 30_000;

export function watchStuck(clock: Clock, host: Host, post: (host: Host, input: Input) => void): void {
  if (host.stuckCheck !== undefined || host.coroutine === undefined) return;
  host.stuckCheck = clock.after(STUCK_MS, () => {
    host.stuckCheck = undefined;
    if (host.gone || host.ended || !isIdle(host.state) || host.inbox.length > 0) return;
    const message = `the code of '${host.state.workflow}' has waited ${STUCK_MS} ms for something that is no step`;
    post(host, { in: 'returned', fault: faultToData(new Fault('workflow.stuck', message)), unasked: [] });
  });
}
