/**
 * When are two answers the same? By a typed equality, chosen by the step or from its schema, and stated in the verdict.
 * Camps are numbered in the order of asking; an answer joins the first camp whose founder it equals.
 */
import { canonicalJson, type Json } from '../../base/index.ts';
import type { Equality } from '../../model/index.ts';

/** What is not a number on both sides within this share of the larger one is different (rounding of decimals). */
const DEFAULT_TOLERANCE = 1e-9;

export interface Camps {
  /** The camp of this answer; `key` is what the user's function made of it. Undefined: it has no place (no vote). */
  place(output: Json | undefined, key?: string): number | undefined;
}

export function createCamps(equal: Equality): Camps {
  const byKey = new Map<string, number>();
  const numbers: number[] = [];
  return {
    place(output, key) {
      if (equal.by === 'number') return placeNumber(numbers, readNumber(output), equal.tolerance ?? DEFAULT_TOLERANCE);
      const form = equal.by === 'named' ? key : normalForm(equal, output);
      if (form === undefined) return undefined;
      let camp = byKey.get(form);
      if (camp === undefined) byKey.set(form, (camp = byKey.size));
      return camp;
    },
  };
}

export function statedAs(equal: Equality): string {
  if (equal.by === 'number') return `number within ${equal.tolerance ?? DEFAULT_TOLERANCE}`;
  return equal.by === 'named' ? `function ${equal.name}` : equal.by;
}

function normalForm(equal: Equality, output: Json | undefined): string | undefined {
  switch (equal.by) {
    case 'text':
      return typeof output === 'string' ? plainText(output) : canonicalJson(output);
    case 'set':
      return Array.isArray(output)
        ? canonicalJson([...new Set(output.map((one) => canonicalJson(one)))].sort())
        : undefined;
    case 'json':
      return canonicalJson(bySchema(equal.schema, output));
    default:
      return canonicalJson(output);
  }
}

/** Case, spaces, the marks around and the full stop at the end are how something is said, not what. */
export function plainText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s"'`*([]+|[\s"'`*)\].!]+$/g, '');
}

/** A comma between groups of three is how a number is written; any other may be a decimal one, and is no number here. */
const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;

function readNumber(output: Json | undefined): number | undefined {
  const text = typeof output === 'string' ? output.trim() : '';
  const number = text === '' ? output : Number(GROUPED.test(text) ? text.replaceAll(',', '') : text);
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function placeNumber(founders: number[], number: number | undefined, tolerance: number): number | undefined {
  if (number === undefined) return undefined;
  const near = (a: number) => Math.abs(a - number) <= tolerance * Math.max(1, Math.abs(a), Math.abs(number));
  const camp = founders.findIndex(near);
  return camp >= 0 ? camp : founders.push(number) - 1;
}

/** Figures that count in what a schema calls a number: as many as the tolerance of a number alone. */
const DIGITS = 9;

/** Only what the schema names counts: text as text, a number within rounding, a unique list as a set. */
function bySchema(schema: Json | undefined, value: Json | undefined): Json | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return value;
  if (typeof value === 'string') return schema.enum === undefined ? plainText(value) : value;
  if (typeof value === 'number') return schema.type === 'number' ? Number(value.toPrecision(DIGITS)) : value;
  if (Array.isArray(value)) {
    const items = value.map((one) => bySchema(schema.items, one) ?? null);
    if (schema.uniqueItems !== true) return items;
    const unique = new Map(items.map((one) => [canonicalJson(one), one]));
    return [...unique.keys()].sort().map((key) => unique.get(key)!);
  }
  if (typeof value !== 'object' || value === null || typeof schema.properties !== 'object') return value;
  const named = schema.properties as { [name: string]: Json };
  const kept: { [name: string]: Json } = {};
  for (const [name, of] of Object.entries(named)) {
    const member = bySchema(of, value[name]);
    if (member !== undefined) kept[name] = member;
  }
  return kept;
}
