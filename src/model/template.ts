/** Templates: JSON in which a text that is one whole `${expression}` is its value, and inside a text its writing. */
import { Fault, type Json } from '../base/index.ts';
import { compileExpr, type Expr, type Refs, type Vars } from './expr.ts';

export interface Template {
  refs: Refs;
  fill(vars: Vars): Json;
}

type Filler = (vars: Vars) => Json;

const texts = new Map<string, Template>();
const objects = new WeakMap<object, Template>();
const MOST_CACHED = 20_000;

/** Throws `plan.invalid` where an expression in it is none. */
export function compileTemplate(json: Json): Template {
  if (typeof json === 'object' && json !== null) {
    let template = objects.get(json);
    if (template === undefined) objects.set(json, (template = compile(json)));
    return template;
  }
  if (typeof json !== 'string') return { refs: NONE, fill: () => json };
  let template = texts.get(json);
  if (template === undefined) {
    template = compile(json);
    if (texts.size >= MOST_CACHED) texts.clear();
    texts.set(json, template);
  }
  return template;
}

/** The expression that a text is as a whole; undefined of any other text. */
export function wholeExpr(text: string): string | undefined {
  return text.startsWith('${') && closing(text, 2) === text.length - 1 ? text.slice(2, -1).trim() : undefined;
}

export const NONE: Refs = { vars: new Set(), steps: new Set(), faults: new Set(), computed: false };

export function joinRefs(all: readonly Refs[]): Refs {
  if (all.length === 1) return all[0]!;
  const vars = new Set<string>();
  const steps = new Set<string>();
  const faults = new Set<string>();
  let computed = false;
  for (const refs of all) {
    for (const name of refs.vars) vars.add(name);
    for (const name of refs.steps) steps.add(name);
    for (const name of refs.faults) faults.add(name);
    computed ||= refs.computed;
  }
  return { vars, steps, faults, computed };
}

function compile(json: Json): Template {
  const found: Refs[] = [];
  const fill = filler(json, found);
  return { refs: found.length === 0 ? NONE : joinRefs(found), fill };
}

function filler(json: Json, found: Refs[]): Filler {
  if (typeof json === 'string') return textFiller(json, found);
  if (Array.isArray(json)) {
    const parts = json.map((part) => filler(part, found));
    return (vars) => parts.map((part) => part(vars));
  }
  if (typeof json === 'object' && json !== null) {
    const parts = Object.entries(json).map(([key, part]) => [key, filler(part, found)] as const);
    return (vars) => Object.fromEntries(parts.map(([key, part]) => [key, part(vars)]));
  }
  return () => json;
}

function textFiller(text: string, found: Refs[]): Filler {
  const parts = splitText(text);
  if (parts.every((part) => typeof part === 'string')) {
    const whole = parts.join('');
    return () => whole;
  }
  for (const part of parts) if (typeof part !== 'string') found.push(part.refs);
  const only = parts[0]!;
  if (parts.length === 1 && typeof only !== 'string') return (vars) => only.run(vars);
  return (vars) => parts.map((part) => (typeof part === 'string' ? part : written(part.run(vars)))).join('');
}

function written(value: Json): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}

/** `a ${x} b` in its parts; `$${` stands for the sign itself. */
function splitText(text: string): (string | Expr)[] {
  const parts: (string | Expr)[] = [];
  let plain = '';
  for (let i = 0; i < text.length;) {
    if (text.startsWith('$${', i)) {
      plain += '${';
      i += 3;
    } else if (text.startsWith('${', i)) {
      const end = closing(text, i + 2);
      if (end < 0)
        throw new Fault('plan.invalid', `'\${' without its '}' in '${text}': write '$\${' for the sign itself`);
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(compileExpr(text.slice(i + 2, end).trim()));
      i = end + 1;
    } else plain += text[i++]!;
  }
  if (plain !== '' || parts.length === 0) parts.push(plain);
  return parts;
}

/** Where the `}` of an expression is: braces nest, and inside quotes they do not count. */
function closing(text: string, from: number): number {
  let depth = 0;
  let quote: string | undefined;
  for (let i = from; i < text.length; i++) {
    const sign = text[i]!;
    if (quote !== undefined) {
      if (sign === '\\') i++;
      else if (sign === quote) quote = undefined;
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '{') depth++;
    else if (sign === '}' && depth-- === 0) return i;
  }
  return -1;
}
