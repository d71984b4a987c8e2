/**
 * Expressions of workflows as data: CEL, compiled once. An expression sees only the variables it is
 * given; it knows no clock and no chance, and gives JSON.
 *
 * X1  `refs` names every variable and every step that an expression can read, before it is run.
 * X2  Numbers are JSON numbers: whole and broken ones mix freely.
 */
import { type ASTNode, Environment, Optional } from '@marcbachmann/cel-js';
import { errorText, Fault, type Json } from '../base/index.ts';
import { addBounds, rewritten, withinBounds } from './expr-bounds.ts';

export type Vars = Record<string, unknown>;

export interface Refs {
  /** Variables read: `input`, `steps`, `item`, ... */
  vars: ReadonlySet<string>;
  /** Names read as `steps.name` or `steps['name']`. */
  steps: ReadonlySet<string>;
  /** Names read as `faults.name`. */
  faults: ReadonlySet<string>;
  /** `steps` or `faults` is read by a computed name, or as a whole. */
  computed: boolean;
}

export interface Expr {
  text: string;
  refs: Refs;
  /** `steps.logs.lines` as its names; undefined of anything else. */
  path: readonly string[] | undefined;
  run(vars: Vars): Json;
}

const environment = createEnvironment();
/** Has besides what bounds what an expression may do. */
const bounded = createEnvironment();
addBounds(bounded);
const MOST_CACHED = 20_000;
const compiled = new Map<string, Expr>();

/** Throws `plan.invalid` when the text is no expression. */
export function compileExpr(text: string): Expr {
  let expr = compiled.get(text);
  if (expr === undefined) {
    expr = compile(text);
    if (compiled.size >= MOST_CACHED) compiled.clear();
    compiled.set(text, expr);
  }
  return expr;
}

function compile(text: string): Expr {
  let parsed: ReturnType<typeof environment.parse>;
  try {
    parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new Error('it does not fit its types');
  } catch (error) {
    throw exprFault(text, error);
  }
  const { ast } = parsed;
  const within = rewritten(text, ast);
  // Parsed when it is first used: many plans are only checked.
  let counting: typeof parsed | undefined;
  const evaluate = (vars: Vars): unknown => {
    if (within === undefined) return parsed(vars);
    return withinBounds(text, () => (counting ??= bounded.parse(within.text))(vars));
  };
  return {
    text,
    refs: refsOf(ast),
    path: pathOf(ast),
    run(vars) {
      try {
        return plain(evaluated(evaluate, vars), text);
      } catch (error) {
        throw error instanceof Fault ? error : exprFault(text, error, within?.original);
      }
    },
  };
}

/** CEL asks each object for its class by `constructor`: one that has a member of that name can be read as a map only. */
function evaluated(evaluate: (vars: Vars) => unknown, vars: Vars): unknown {
  try {
    return evaluate(vars);
  } catch (error) {
    let misread = false;
    const asMaps = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(asMaps);
      const members = Object.entries(value).map(([key, member]) => [key, asMaps(member)] as const);
      if (!Object.hasOwn(value, 'constructor')) return Object.fromEntries(members);
      misread = true;
      return new Map(members);
    };
    const readable = asMaps(vars) as Vars;
    if (!misread) throw error;
    return evaluate(readable);
  }
}

/** True, or not: anything but a truth value is a fault. */
export function holds(text: string, vars: Vars): boolean {
  const value = compileExpr(text).run(vars);
  if (typeof value === 'boolean') return value;
  throw new Fault('plan.invalid', `the condition '${text}' gives ${JSON.stringify(value)}, not true or false`);
}

/** `original`: the character of this text, where it was another that failed. */
function exprFault(text: string, error: unknown, original = (at: number) => at): Fault {
  const { summary, range } = error as { summary?: string; range?: { start: number } };
  const character = range === undefined ? undefined : original(range.start) + 1;
  const at = character === undefined ? '' : ` at character ${character}`;
  return new Fault('plan.invalid', `in the expression '${text}'${at}: ${summary ?? errorText(error)}`, {
    detail: { expression: text, ...(character === undefined ? {} : { character }) },
  });
}

function createEnvironment(): Environment {
  const made = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
  const operators: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [sign, work] of Object.entries(operators)) {
    made.registerOperator(`double ${sign} int`, (a, b) => work(Number(a), Number(b)));
    made.registerOperator(`int ${sign} double`, (a, b) => work(Number(a), Number(b)));
  }
  made.registerOperator('double % double', (a: number, b: number) => a % b);
  return made;
}

/** What CEL gave as JSON: whole numbers become numbers, times become text. */
function plain(value: unknown, text: string): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint': {
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      throw new Fault('plan.invalid', `the expression '${text}' gives ${value}, too large a number`);
    }
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new Fault('plan.invalid', `the expression '${text}' gives ${value}, which JSON cannot carry`);
    case 'undefined':
      return null;
    case 'object':
      break;
    default:
      throw new Fault('plan.invalid', `the expression '${text}' gives a ${typeof value}`);
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((each) => plain(each, text));
  if (value instanceof Optional) return value.hasValue() ? plain(value.value(), text) : null;
  if (value instanceof Map) return plain(Object.fromEntries(value), text);
  const proto = Object.getPrototypeOf(value) as unknown;
  if (proto === Object.prototype || proto === null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [[k, plain(v, text)] as const])),
    );
  const {
    toISOString,
    seconds,
    value: whole,
  } = value as { toISOString?: () => string; seconds?: bigint; value?: bigint };
  if (typeof toISOString === 'function') return toISOString.call(value);
  if (typeof whole === 'bigint') return plain(whole, text);
  if (typeof seconds === 'bigint') return `${seconds}s`;
  throw new Fault('plan.invalid', `the expression '${text}' gives something that JSON cannot carry`);
}

function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [of, name] = node.args as [ASTNode, ASTNode | string];
  const key = typeof name === 'string' ? name : name.op === 'value' ? name.args : undefined;
  const before = typeof key === 'string' ? pathOf(of) : undefined;
  return before && [...before, key as string];
}

const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);

function refsOf(ast: ASTNode): Refs {
  const refs = { vars: new Set<string>(), steps: new Set<string>(), faults: new Set<string>(), computed: false };
  walk(ast, new Set());
  return refs;

  function walk(node: ASTNode, own: ReadonlySet<string>): void {
    if (node.op === 'id') {
      if (own.has(node.args)) return;
      refs.vars.add(node.args);
      if (node.args === 'steps' || node.args === 'faults') refs.computed = true;
      return;
    }
    if (node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]') {
      const [of, name] = node.args as [ASTNode, ASTNode | string];
      const key = typeof name === 'string' ? name : name.op === 'value' ? name.args : undefined;
      if (of.op === 'id' && (of.args === 'steps' || of.args === 'faults') && !own.has(of.args)) {
        refs.vars.add(of.args);
        if (typeof key === 'string') refs[of.args].add(key);
        else refs.computed = true;
      } else walk(of, own);
      if (typeof name !== 'string') walk(name, own);
      return;
    }
    // A macro's first argument names the variable of its other arguments.
    if (node.op === 'rcall' && MACROS.has(node.args[0]) && node.args[2][0]?.op === 'id') {
      walk(node.args[1], own);
      const inner = new Set(own).add(node.args[2][0].args);
      for (const arg of node.args[2].slice(1)) walk(arg, inner);
      return;
    }
    walkAll(node.args, own);
  }

  function walkAll(args: unknown, own: ReadonlySet<string>): void {
    if (Array.isArray(args)) for (const arg of args) walkAll(arg, own);
    else if (typeof args === 'object' && args !== null && 'op' in args) walk(args as ASTNode, own);
  }
}
