/** map, loop and the joins of workflows as code: they run branches in scopes of their own and report their ends. */
import {
  callable,
  canonicalJson,
  checkGiven,
  checkOptions,
  escapeKey,
  Fault,
  hashText,
  faultToData,
  isOf,
  list,
  object,
  toFault,
  toJson,
} from '../base/index.ts';
import { type JoinMode, stepHash, type StepAsk, type StepKind, type StepSpec } from '../model/index.ts';
import { ContinueAsNew } from './continue.ts';
import type { Asking, Opened } from './coroutine.ts';
import { LOOP, MAP, NAME } from './options.ts';
import type { Branches, LoopOptions, MapOptions, NameOptions, Run } from './run.ts';

/** Branches of a map that are open at once, where the author names no width. */
export const DEFAULT_WIDTH = 16;

/** 66 bits: compared only with the former hash of the same item. */
const ITEM_HASH_CHARS = 11;

/** What a composite needs of the scope it stands in. */
export interface CompositeScope {
  readonly asking: Asking;
  name(name: string, options: NameOptions | undefined): string;
  describe(
    kind: StepKind,
    step: string,
    hash: string,
    options: NameOptions | undefined,
    spec?: StepSpec,
    data?: unknown,
  ): StepAsk;
  inner(scope: string): Run;
}

async function runBranch(scope: CompositeScope, step: string, key: string, fn: (run: Run) => unknown): Promise<void> {
  try {
    const data = toJson(await fn(scope.inner(`${step}/${escapeKey(key)}`)));
    scope.asking.branch({ in: 'branch', step, branch: key, out: 'ok', data });
  } catch (thrown) {
    const misplaced = new Fault('input.invalid', 'continueAsNew belongs to the top of a workflow, not into a branch');
    const fault = faultToData(toFault(isOf(thrown, ContinueAsNew) ? misplaced : thrown, 'step.failed'));
    const out = fault.code === 'step.cancelled' ? 'cancelled' : 'failed';
    scope.asking.branch({ in: 'branch', step, branch: key, out, fault });
  }
}

export function joinBranches(
  scope: CompositeScope,
  name: string,
  mode: JoinMode,
  branches: Branches,
  options?: NameOptions,
): Promise<unknown> {
  checkOptions(options, NAME, 'run.all, any, atLeast or settled', name);
  checkGiven(branches, object, `the branches of '${name}'`);
  for (const key in branches) checkGiven(branches[key], callable, `branch '${key}' of '${name}'`);
  const step = scope.name(name, options);
  const keys = Object.keys(branches);
  const ask = scope.describe('join', step, stepHash({ mode: mode as never, keys }), options, {
    join: mode,
    branches: keys,
  });
  return scope.asking.ask(ask, {
    open() {
      for (const key of keys) void runBranch(scope, step, key, branches[key]!);
    },
  });
}

export function mapItems<T>(
  scope: CompositeScope,
  name: string,
  items: readonly T[],
  options: MapOptions<T>,
  fn: (item: T, run: Run) => unknown,
): Promise<unknown> {
  checkGiven(items, list, `what run.map '${name}' goes over`, {
    next: 'Give the run a list there; an `input` schema of the workflow refuses anything else at the start.',
  });
  checkOptions(options, MAP, 'run.map', name);
  checkGiven(options?.itemKey, callable, `the \`itemKey\` of run.map '${name}'`);
  checkGiven(fn, callable, `what run.map '${name}' does for each item`);
  const step = scope.name(name, options);
  const keys = items.map((item, index) => String(options.itemKey(item, index)));
  if (keys.length !== new Set(keys).size) {
    const key = keys.find((one, i) => keys.indexOf(one) !== i);
    throw new Fault('step.repeated', `two items of map '${step}' have the key '${key}'`, { detail: { step, key } });
  }
  const width = Math.max(1, options.width ?? DEFAULT_WIDTH);
  const hashes = items.map((item) => hashText(canonicalJson(item)).slice(0, ITEM_HASH_CHARS));
  const whole = stepHash({ keys, hashes, mode: (options.join ?? 'all') as never });
  const spec: StepSpec = { join: options.join, branches: keys, items: hashes, width };
  const ask = scope.describe('map', step, whole, options, spec);
  return scope.asking.ask(ask, {
    open(opened) {
      const done = new Set(opened.done);
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < items.length) {
          const i = next++;
          if (!done.has(keys[i]!)) await runBranch(scope, step, keys[i]!, (run) => fn(items[i]!, run));
        }
      };
      for (let i = 0; i < width && i < items.length; i++) void worker();
    },
  });
}

type Body<S> = (state: S, run: Run, turn: number) => S | Promise<S>;

export function turnLoop<S>(
  scope: CompositeScope,
  name: string,
  options: LoopOptions<S>,
  body: Body<S>,
): Promise<unknown> {
  checkOptions(options, LOOP, 'run.loop', name);
  checkGiven(body, callable, `the body of run.loop '${name}'`);
  const step = scope.name(name, options);
  if (options?.until === undefined && options?.maxTurns === undefined)
    throw new Fault('input.invalid', `loop '${step}' never ends: give it \`until\` or \`maxTurns\``);
  const ask = scope.describe(
    'loop',
    step,
    stepHash(options.from),
    options,
    { maxTurns: options.maxTurns },
    options.from,
  );
  return scope.asking.ask(ask, {
    open(opened) {
      turnOn(scope, step, opened, options, body).catch((thrown: unknown) =>
        scope.asking.loopFailed(step, faultToData(toFault(thrown, 'step.failed'))),
      );
    },
  });
}

async function turnOn<S>(
  scope: CompositeScope,
  step: string,
  opened: Opened,
  options: LoopOptions<S>,
  body: Body<S>,
): Promise<void> {
  const { until, maxTurns = Infinity } = options;
  let state = opened.data as S;
  let { turn } = opened;
  let done = maxTurns <= 0 || (turn > 0 && (turn >= maxTurns || isOver(step, until, state, turn)));
  if (done) {
    void scope.asking.turned(step, turn, state, true);
    return;
  }
  while (!done) {
    turn++;
    const given = body(state, scope.inner(`${step}/${turn}`), turn);
    state = isPromise(given) ? await given : given;
    done = turn >= maxTurns || isOver(step, until, state, turn);
    const breath = scope.asking.turned(step, turn, state, done);
    if (breath !== undefined) await breath;
  }
}

/** A promise is never true: the loop would turn for ever, as fast as it can. */
function isOver<S>(step: string, until: LoopOptions<S>['until'], state: S, turn: number): boolean {
  const over: boolean | Promise<boolean> | undefined = until?.(state, turn);
  if (!isPromise(over)) return over === true;
  over.catch(() => {});
  throw new Fault(
    'input.invalid',
    `the \`until\` of loop '${step}' gives a promise, and must answer at once: await it in the turn, whose result \`until\` is given`,
  );
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
