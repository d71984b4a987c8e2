/**
 * How much of a thread one expression may take. CEL ends always, but not soon: macros inside each other multiply, and a
 * pattern may go back and forth for ever. So the text is rewritten where that happens, and what it does is counted.
 *
 * B1  All items that all macros of one evaluation go through, at most MAX_ITEMS. A count is the same at every replay.
 * B2  At most MAX_NESTED macros inside each other: what is nested deeper is refused before it runs.
 * B3  Patterns are matched in the time of their text (pattern-bounds.ts), and both are no longer than that allows.
 */
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { Fault } from '../base/index.ts';
import { boundedPattern } from './pattern-bounds.ts';

/** About a third of a second on one core. What needs more is a step of code. */
export const MAX_ITEMS = 250_000;
/** Four lists of twenty inside each other are that many. */
export const MAX_NESTED = 4;
/** `cel.bind` may double what it names each time. */
const MAX_BINDS = 16;
const MAX_SEARCHED = 1_000_000;

const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

export interface Rewritten {
  text: string;
  /** The character of the original that stands at this one. */
  original(at: number): number;
}

let left = Infinity;
let broken: Fault | undefined;

/** Runs an evaluation under the bounds. What breaks one ends it, also where CEL would pass over the error. */
export function withinBounds<T>(text: string, evaluate: () => T): T {
  const before = { left, broken };
  left = MAX_ITEMS;
  broken = undefined;
  try {
    const value = evaluate();
    if (broken !== undefined) throw about(broken, text);
    return value;
  } catch (error) {
    throw broken === undefined ? error : about(broken, text);
  } finally {
    ({ left, broken } = before);
  }
}

/** What the rewritten text calls. */
export function addBounds(made: Environment): void {
  made.registerFunction('counted(dyn): dyn', (list: unknown) => {
    left -= Array.isArray(list) ? list.length : list instanceof Map || list instanceof Set ? list.size : 0;
    if (left < 0) breaks(`it goes through more than ${MAX_ITEMS} items: leave that to a step of code`);
    return list;
  });
  made.registerFunction('searched(dyn): dyn', (text: unknown) => {
    if (typeof text === 'string' && text.length > MAX_SEARCHED)
      breaks(`it looks for a pattern in ${text.length} characters, at most ${MAX_SEARCHED}`);
    return text;
  });
  made.registerFunction('pattern(dyn): dyn', (pattern: unknown) => {
    if (typeof pattern !== 'string') return pattern;
    const bounded = boundedPattern(pattern);
    return bounded.problem === undefined ? bounded.pattern : breaks(bounded.problem);
  });
}

function breaks(message: string): never {
  broken ??= new Fault('plan.invalid', message);
  throw broken;
}

function about({ message }: Fault, text: string): Fault {
  return new Fault('plan.invalid', `in the expression '${shortened(text)}': ${message}`, {
    detail: { expression: text },
  });
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** Undefined: there is nothing in it to bound. Throws what is refused before it runs. */
export function rewritten(text: string, ast: ASTNode): Rewritten | undefined {
  const inserts: { at: number; text: string }[] = [];
  const wrap = ({ range }: ASTNode, name: string): void => {
    inserts.push({ at: range.start, text: `${name}(` }, { at: range.end, text: ')' });
  };

  function walk(node: ASTNode, loops: number, binds: number): void {
    if (node.op !== 'rcall') return walkAll(node.args, loops, binds);
    const [name, receiver, args] = node.args;
    if (name === 'bind' && binds >= MAX_BINDS) refuse(text, `more than ${MAX_BINDS} \`cel.bind\` inside each other`);
    if (name === 'matches' && args[0] !== undefined) {
      const [pattern] = args;
      const problem =
        pattern.op === 'value' && typeof pattern.args === 'string' ? boundedPattern(pattern.args).problem : undefined;
      if (problem !== undefined) refuse(text, problem);
      wrap(receiver, 'searched');
      wrap(pattern, 'pattern');
    }
    if (!LOOPS.has(name)) {
      walk(receiver, loops, binds);
      return walkAll(args, loops, name === 'bind' ? binds + 1 : binds);
    }
    if (loops >= MAX_NESTED)
      refuse(text, `more than ${MAX_NESTED} of ${[...LOOPS].join(', ')} inside each other: their times multiply`);
    wrap(receiver, 'counted');
    walk(receiver, loops, binds);
    walkAll(args, loops + 1, binds);
  }

  function walkAll(args: unknown, loops: number, binds: number): void {
    if (Array.isArray(args)) for (const arg of args) walkAll(arg, loops, binds);
    else if (typeof args === 'object' && args !== null && 'op' in args) walk(args as ASTNode, loops, binds);
  }

  walk(ast, 0, 0);
  return inserts.length === 0 ? undefined : inserted(text, inserts);
}

function refuse(text: string, why: string): never {
  throw about(new Fault('plan.invalid', why), text);
}

function inserted(text: string, inserts: { at: number; text: string }[]): Rewritten {
  // At one place: what ends comes before what begins.
  const order = inserts.map((one, i) => ({ ...one, i }));
  order.sort((a, b) => a.at - b.at || Number(b.text === ')') - Number(a.text === ')') || a.i - b.i);
  let whole = '';
  let from = 0;
  const marks: { at: number; before: number }[] = [];
  let added = 0;
  for (const one of order) {
    whole += text.slice(from, one.at) + one.text;
    from = one.at;
    added += one.text.length;
    marks.push({ at: whole.length, before: added });
  }
  return {
    text: whole + text.slice(from),
    original: (at) => at - (marks.findLast((mark) => mark.at <= at)?.before ?? 0),
  };
}
