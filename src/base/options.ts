/**
 * Options as callers give them, in JavaScript too, where nothing else looks: a word that nobody knows, or a value that
 * cannot be meant, is refused where it stands. Passed over in silence it would look as if it held.
 *
 * O1  A table names every option of its type, which the compiler checks.
 * O2  It costs tens of nanoseconds a call: what is given is looked up, what is not given is not looked at.
 */
import { Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { MAX_MS } from './time.ts';

export interface Option {
  fits(value: unknown): boolean;
  /** What is wanted, to follow "must be". */
  wants: string;
  /** Words that it must be one of, or the options that it holds itself. */
  words?: readonly string[];
  inner?: Table | undefined;
}

export type Options<T> = { readonly [K in keyof Required<T>]: Option };
type Table = Readonly<Record<string, Option>>;

export const text: Option = { fits: (value) => typeof value === 'string', wants: 'a text' };
export const count: Option = {
  fits: (value) => typeof value === 'number' && value >= 0,
  wants: 'a number from 0',
};
/** Places, calls a minute: none at all would be nobody, and Infinity is no limit. */
export const places: Option = {
  fits: (value) => (Number.isInteger(value) ? (value as number) >= 1 : value === Infinity),
  wants: 'a whole number from 1',
};
/** A span in which something is to happen. */
export const span: Option = {
  fits: (value) => typeof value === 'number' && value > 0 && value <= MAX_MS,
  wants: `a number of ms above 0, to ${MAX_MS}`,
};
/** More than this is counted to no unit, and sums of it would leave what JSON can hold. */
export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;
export const amount: Option = {
  fits: (value) => typeof value === 'number' && value >= 0 && value <= MAX_AMOUNT,
  wants: `a number from 0 to ${MAX_AMOUNT}`,
};
export const millis: Option = {
  fits: (value) => typeof value === 'number' && value >= 0 && value <= MAX_MS,
  wants: `a number of ms from 0 to ${MAX_MS}`,
};
export const share: Option = {
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  wants: 'a share from 0 to 1',
};
export const flag: Option = { fits: (value) => typeof value === 'boolean', wants: 'true or false' };
export const list: Option = { fits: (value) => Array.isArray(value), wants: 'a list' };
export const texts: Option = {
  fits: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  wants: 'a list of texts',
};
export const object: Option = { fits: isObject, wants: 'an object' };
export const callable: Option = { fits: (value) => typeof value === 'function', wants: 'a function' };
export const anything: Option = { fits: () => true, wants: 'anything' };

export function oneOf(...words: string[]): Option {
  return { fits: (value) => words.includes(value as string), wants: `one of ${words.join(', ')}`, words };
}

export function either(...options: Option[]): Option {
  return {
    fits: (value) => options.some((one) => one.fits(value)),
    wants: options.map((one) => one.wants).join(', or '),
    words: options.flatMap((one) => one.words ?? []),
    inner: options.find((one) => one.inner !== undefined)?.inner,
  };
}

/** Options within an option, and those that are never left out. */
export function holding<T>(inner: Options<T>, ...needed: (keyof T)[]): Option {
  return {
    fits: (value) => isObject(value) && needed.every((key) => (value as Partial<T>)[key] !== undefined),
    wants: `an object of ${Object.keys(inner).join(', ')}`,
    inner,
  };
}

/** `what` says whose options they are: `run.ask 'check'`. */
export function checkOptions(given: object | undefined, known: Table, what: string, name?: string): void {
  if (given === undefined) return;
  if (!isObject(given))
    throw refused(`${placed(what, name)} takes an object of options, and was given ${shown(given)}`);
  for (const key in given) {
    const value: unknown = given[key as keyof typeof given];
    if (value === undefined) continue;
    const option = known[key];
    // What every object has from its prototype is no option.
    if (option?.fits === undefined) throw unknownOption(key, Object.keys(known), placed(what, name));
    if (!option.fits(value)) throw misfit(key, value, option, placed(what, name));
    if (option.inner !== undefined && isObject(value))
      checkOptions(value, option.inner, `${placed(what, name)}: ${key}`);
  }
}

/** One value that is no option: an argument, an item of a list. */
export function checkGiven(value: unknown, option: Option, what: string, detail?: Record<string, unknown>): void {
  if (!option.fits(value)) throw refused(`${what} is ${shown(value)}, and must be ${option.wants}`, detail);
}

function placed(what: string, name: string | undefined): string {
  return name === undefined ? what : `${what} '${name}'`;
}

function unknownOption(key: string, known: readonly string[], what: string): Fault {
  const meant = nearest(key, known) || sameStem(key, known);
  return refused(`${what} has no option '${key}'${meant || `; it has ${known.join(', ')}`}`, { option: key, known });
}

function misfit(key: string, value: unknown, { wants, words = [] }: Option, what: string): Fault {
  const meant = typeof value === 'string' ? nearest(value, words) : '';
  return refused(`${what}: '${key}' is ${shown(value)}, and must be ${wants}${meant}`, { option: key });
}

function refused(message: string, detail?: Record<string, unknown>): Fault {
  return new Fault('input.invalid', message, { detail });
}

/** `retries` for `retry`: no slip of the finger, and still the same word. */
function sameStem(name: string, names: readonly string[]): string {
  const STEM = 4;
  if (name.length < STEM) return '';
  const found = names.find((one) => one.toLowerCase().startsWith(name.slice(0, STEM).toLowerCase()));
  return found === undefined ? '' : ` (did you mean '${found}'?)`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_SHOWN_CHARS = 60;

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return value instanceof Promise ? 'a promise' : 'an object';
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value)?.slice(0, MAX_SHOWN_CHARS) ?? String(value).slice(0, MAX_SHOWN_CHARS);
}
