/**
 * Ids. A step's id is its scope path, its name and its key: `scope/name` or `scope/name#key`.
 * Nothing is matched by position.
 */
import type { Chance } from './chance.ts';
import { Fault } from './fault.ts';

export const MAX_ID_CHARS = 500;

/** Names are chosen by authors: letters first, so that ids read well and paths stay unambiguous. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,99}$/u;

export function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new Fault(
      'input.invalid',
      `'${String(name).slice(0, 60)}' is no name for a step: use letters, digits, _ . - and spaces, at most 100`,
    );
  }
}

/** The id of a run or of a word to one is the caller's own: any text that every store, log and terminal can hold. */
export function checkId(id: string, of: 'a run' | 'a word'): void {
  if (id !== '' && id.length <= MAX_ID_CHARS && !/[\p{Cc}\p{Cs}]/u.test(id)) return;
  throw new Fault(
    'input.invalid',
    `${JSON.stringify(id.slice(0, 60))} is no id for ${of}: use 1 to ${MAX_ID_CHARS} characters, none of them a control character`,
  );
}

export function stepId(scope: string, name: string, key?: string | number): string {
  const local = key === undefined ? name : `${name}#${escapeKey(String(key))}`;
  const id = scope === '' ? local : `${scope}/${local}`;
  if (id.length > MAX_ID_CHARS) {
    throw new Fault(
      'input.too-large',
      `a step id of ${id.length} characters (at most ${MAX_ID_CHARS}): shorten names or keys`,
      { detail: { id: id.slice(0, 200) } },
    );
  }
  return id;
}

/** Signs that build paths, `|`, which ends an id in longer names, and what no store holds: NUL and halves of characters. */
const UNFIT = /[/#%|\0\p{Cs}]/u;
const EACH_UNFIT = new RegExp(UNFIT, 'gu');

/** A key as it stands in ids, of runs and letters too. */
export function escapeKey(key: string): string {
  if (!UNFIT.test(key)) return key;
  return key.replace(EACH_UNFIT, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The scope that a step stands in: '' for the top. */
export function scopeOf(id: string): string {
  const cut = id.lastIndexOf('/');
  return cut < 0 ? '' : id.slice(0, cut);
}

export function isWithin(id: string, scope: string): boolean {
  return id.length > scope.length && id.startsWith(scope) && id[scope.length] === '/';
}

/** The step itself, or what is inside of it. */
export function isOfStep(id: string, step: string): boolean {
  return id === step || isWithin(id, step);
}

/** The id that this one has when `was` is called `is`. */
export function idAfter(id: string, was: string, is: string): string {
  return isOfStep(id, was) ? is + id.slice(was.length) : id;
}

/** Sortable by time of making: 9 characters of time, 16 of chance. */
export function freshId(prefix: string, nowMs: number, chance: Chance): string {
  return `${prefix}_${Math.max(0, Math.floor(nowMs)).toString(36).padStart(9, '0')}${chance.hex(8)}`;
}
