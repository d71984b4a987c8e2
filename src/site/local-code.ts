/**
 * Local functions of steps: run here, their values journaled. One that gives a promise has its time; one that never
 * lets go of the thread cannot be ended by anybody in it.
 */
import { copyJson, Fault, faultToData, toFault, toJson } from '../base/index.ts';
import { codeMs } from '../flow/index.ts';
import { type CommandOf, type Input, isSameCode } from '../model/index.ts';
import type { Host } from './host.ts';
import { isThenable, type Performing } from './perform.ts';

export function runCode(
  p: Performing,
  host: Host,
  command: CommandOf<'runCode'>,
  functions: ReadonlyMap<string, (input: never) => unknown>,
): void {
  const { do: _, step, data, ...of } = command;
  const named = command.code === undefined ? undefined : functions.get(command.code);
  const fn = named === undefined ? host.coroutine?.codeOf(step) : () => named(copyJson(data) as never);
  if (fn === undefined) {
    const fault = new Fault(
      'workflow.unknown',
      command.code === undefined
        ? `step '${step}' has no function here`
        : `no function is registered as '${command.code}'`,
    );
    if (command.code !== undefined) p.post(host, { in: 'ran', step, of, fault: faultToData(fault) });
    return;
  }
  // The claim that follows an admission asks for it a second time.
  const out = host.running?.get(step)?.of;
  if (out !== undefined && isSameCode(out, of)) return;
  const what = { step, of };
  if (of.code !== undefined) (host.running ??= new Map()).set(step, what);
  try {
    const value = fn();
    if (isThenable(value)) ranLater(p, host, what, Promise.resolve(value));
    else p.post(host, ranWith(what, value));
  } catch (thrown) {
    p.post(host, ranInto(what, thrown));
  }
}

/** A step, and what was asked of its function. */
type What = Pick<Extract<Input, { in: 'ran' }>, 'step' | 'of'>;

/** A promise that never settles is a fault when its time is up. What it gives later is nobody's. */
export function ranLater(p: Performing, host: Host, what: What, value: Promise<unknown>): void {
  const leftMs = codeMs(host.state, what.step, p.clock.nowMs());
  const stop = p.clock.after(leftMs, () => {
    const late = new Fault('step.timeout', `the function of '${what.step}' gave nothing in ${leftMs} ms`, {
      retry: 'never',
    });
    p.post(host, { in: 'ran', ...what, fault: faultToData(late) });
  });
  // One reaction: a chain of them is three more promises for every step that waits.
  const end = (input: Input): void => {
    stop();
    host.waits?.delete(stop);
    p.post(host, input);
  };
  value.then(
    (data) => end(ranWith(what, data)),
    (thrown: unknown) => end(ranInto(what, thrown)),
  );
  (host.waits ??= new Set()).add(stop);
}

function ranWith(what: What, data: unknown): Input {
  try {
    return { in: 'ran', ...what, data: toJson(data) };
  } catch (thrown) {
    return ranInto(what, thrown);
  }
}

function ranInto(what: What, thrown: unknown): Input {
  return { in: 'ran', ...what, fault: faultToData(toFault(thrown, 'step.failed')) };
}

export type Ran = NonNullable<Extract<Input, { in: 'asked' }>['ran']>[number];

/** Runs a code step's function before anything is decided; undefined when it answers later. */
export function runAtOnce(host: Host, step: string): { ran: Ran } | { later: Promise<unknown> } | undefined {
  const fn = host.coroutine?.codeOf(step);
  if (fn === undefined) return undefined;
  try {
    const value = fn();
    if (isThenable(value)) return { later: Promise.resolve(value) };
    return { ran: { data: toJson(value) } };
  } catch (thrown) {
    return { ran: { fault: faultToData(toFault(thrown, 'step.failed')) } };
  }
}
