/** What is said twice under one key is done once: the same key of the same caller at any door means the same run. */
import { canonicalJson, Fault, hashText } from '../../base/index.ts';
import { checkInput } from '../../author/index.ts';
import { ERASED, type Principal, type RunState } from '../../model/index.ts';
import type { Site } from '../../site/site.ts';

const KEY = /^[!-~]{1,255}$/;

/** `what`: how the door calls its key. */
export function checkKey(key: unknown, what: string): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY.test(key)) return key;
  throw new Fault('input.invalid', `${what} must be 1 to 255 visible characters of ASCII`);
}

/** Two callers may choose the same key, and one may use it for a gate and a signal. */
export function ownKey(call: string, by: Principal, key: string): string {
  return `${call}:${encodeURIComponent(by.id)}:${key}`;
}

/** Runs that are made for a key are found again by it. */
export function runOfKey(own: string): string {
  return `k_${hashText(own).slice(0, 32)}`;
}

/** The key stands for one request: another one under it is a mistake that must not be answered as if it were done. */
export function usedBefore(what: string): Fault {
  return new Fault('conflict', `this ${what} was used for another request`);
}

export function checkSame(state: RunState, site: Site, workflow: string, input: unknown, what: string): void {
  const [name, version] = workflow.split('@');
  if (state.workflow !== name || (version !== undefined && state.version !== version) || state.forkOf !== undefined)
    throw usedBefore(what);
  const flow = site.workflows().find((one) => one.name === state.workflow && one.version === state.version);
  if (flow === undefined || state.input === ERASED) return;
  if (canonicalJson(checkInput(flow, input)) !== canonicalJson(state.input)) throw usedBefore(what);
}
