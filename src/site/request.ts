/** What a run's code has asked, made ready to be decided. */
import type { AsyncResource } from 'node:async_hooks';
import type { Input } from '../model/index.ts';
import type { Host } from './host.ts';
import { type Ran, runAtOnce } from './local-code.ts';

export interface Later {
  step: string;
  value: Promise<unknown>;
}

/** Runs the local functions among what was asked. Those that answer at once go with the request; gives the others. */
export function runAsked(
  host: Host,
  request: Extract<Input, { in: 'asked' }>,
  origin: AsyncResource,
): Later[] | undefined {
  let later: Later[] | undefined;
  let ran: Ran[] | undefined;
  for (let i = 0; i < request.asks.length; i++) {
    const { step, kind, was } = request.asks[i]!;
    if (kind !== 'code' || was !== undefined || host.state.phase !== 'running' || host.state.steps.has(step)) continue;
    const done = origin.runInAsyncScope(runAtOnce, undefined, host, step);
    if (done === undefined) continue;
    if ('ran' in done) {
      // A list of one, as most are, is made as such.
      if (ran === undefined && i === 0) ran = [done.ran];
      else (ran ??= [])[i] = done.ran;
    } else (later ??= []).push({ step, value: done.later });
  }
  if (ran !== undefined) request.ran = ran;
  return later;
}

/** What the code no longer asks for is known only when it has come to its end. */
export function withUnasked(host: Host, request: Input): Input {
  const asked = host.coroutine?.asked;
  // Code that failed has not come to its end: what it would have asked is not known.
  if (request.in !== 'returned' || asked === undefined || request.fault !== undefined) return request;
  const unasked: string[] = [];
  for (const [id, step] of host.state.steps)
    if (step.settledSeq !== 0 && step.attempts === undefined && !asked.has(id)) unasked.push(id);
  return { ...request, unasked };
}
