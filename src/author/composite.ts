/** map, loop and the joins of workflows as code: they run branches in scopes of their own and report their ends. */
import { escapeKey, Fault, faultToData, toFault, toJson } from '../base/index.ts';
import { type JoinMode, stepHash, type StepKind, type StepSpec } from '../model/index.ts';
import type { Opened } from './coroutine.ts';
import type { Scope } from './create-run.ts';
import { ContinueAsNew } from './continue.ts';
import type { Branches, LoopOptions, MapOptions, NameOptions, Run } from './run.ts';

/** Branches of a map that are open at once, where the author names no width. */
export const DEFAULT_WIDTH = 16;

export function compositeMethods(scope: Scope) {
  const { asking } = scope;

  /** Asks a composite step; `start` runs what is inside once the driver opens it. */
  function open(
    kind: StepKind,
    id: string,
    hash: string,
    options: NameOptions | undefined,
    spec: StepSpec,
    data: unknown,
    start: (opened: Opened) => void,
  ): Promise<unknown> {
    return asking.ask(scope.ask(kind, id, hash, options, spec, data), { open: start });
  }

  async function runBranch(step: string, key: string, fn: (run: Run) => unknown): Promise<void> {
    const branch = escapeKey(key);
    try {
      const data = toJson(await fn(scope.inner(`${step}/${branch}`)));
      asking.branch({ in: 'branch', step, branch: key, out: 'ok', data });
    } catch (thrown) {
      if (thrown instanceof ContinueAsNew)
        thrown = new Fault('input.invalid', 'continueAsNew belongs to the top of a workflow, not into a branch');
      const fault = faultToData(toFault(thrown, 'step.failed'));
      asking.branch({
        in: 'branch',
        step,
        branch: key,
        out: fault.code === 'step.cancelled' ? 'cancelled' : 'failed',
        fault,
      });
    }
  }

  function join(name: string, mode: JoinMode, branches: Branches, options?: NameOptions): Promise<unknown> {
    const id = scope.id(name, options);
    const keys = Object.keys(branches);
    const spec: StepSpec = { join: mode, branches: keys };
    return open('join', id, stepHash({ mode: mode as never, keys }), options, spec, undefined, () => {
      for (const key of keys) void runBranch(id, key, branches[key]!);
    });
  }

  return {
    map<T>(
      name: string,
      items: readonly T[],
      options: MapOptions<T>,
      fn: (item: T, run: Run) => unknown,
    ): Promise<unknown> {
      const id = scope.id(name, options);
      const keys = items.map((item, index) => String(options.itemKey(item, index)));
      const twice = keys.length === new Set(keys).size ? undefined : keys.find((key, i) => keys.indexOf(key) !== i);
      if (twice !== undefined)
        throw new Fault('step.repeated', `two items of map '${id}' have the key '${twice}'`, {
          detail: { step: id, key: twice },
        });
      const width = Math.max(1, options.width ?? DEFAULT_WIDTH);
      const spec: StepSpec = { join: options.join, branches: keys, width };
      return open('map', id, stepHash(items), options, spec, undefined, (opened) => {
        const done = new Set(opened.done);
        let next = 0;
        const worker = async (): Promise<void> => {
          while (next < items.length) {
            const i = next++;
            if (!done.has(keys[i]!)) await runBranch(id, keys[i]!, (run) => fn(items[i]!, run));
          }
        };
        for (let i = 0; i < width && i < items.length; i++) void worker();
      });
    },

    loop<S>(
      name: string,
      options: LoopOptions<S>,
      body: (state: S, run: Run, turn: number) => S | Promise<S>,
    ): Promise<unknown> {
      const id = scope.id(name, options);
      if (options.until === undefined && options.maxTurns === undefined) {
        throw new Fault('input.invalid', `loop '${id}' never ends: give it \`until\` or \`maxTurns\``);
      }
      return open(
        'loop',
        id,
        stepHash(options.from),
        options,
        { maxTurns: options.maxTurns },
        options.from,
        (opened) => {
          turnOn(id, opened, options, body).catch((thrown: unknown) =>
            asking.loopFailed(id, faultToData(toFault(thrown, 'step.failed'))),
          );
        },
      );
    },

    all: (name: string, branches: Branches, options?: NameOptions) => join(name, 'all', branches, options),
    async any(name: string, branches: Branches, options?: NameOptions) {
      const won = (await join(name, 'any', branches, options)) as Record<string, unknown>;
      const [branch, value] = Object.entries(won)[0] ?? [];
      return { branch, value };
    },
    atLeast: (name: string, count: number, branches: Branches, options?: NameOptions) =>
      join(name, { atLeast: count }, branches, options),
    settled: (name: string, branches: Branches, options?: NameOptions) => join(name, 'settled', branches, options),
  };

  async function turnOn<S>(
    id: string,
    opened: Opened,
    options: LoopOptions<S>,
    body: (state: S, run: Run, turn: number) => S | Promise<S>,
  ): Promise<void> {
    let state = opened.data as S;
    let turn = opened.turn;
    const { until, maxTurns = Infinity } = options;
    let done = turn > 0 && (turn >= maxTurns || until?.(state, turn) === true);
    if (maxTurns <= 0) done = true;
    if (done) {
      void asking.turned(id, turn, state, true);
      return;
    }
    while (!done) {
      turn++;
      const given = body(state, scope.inner(`${id}/${turn}`), turn);
      state = isPromise(given) ? await given : given;
      done = turn >= maxTurns || until?.(state, turn) === true;
      const breath = asking.turned(id, turn, state, done);
      if (breath !== undefined) await breath;
    }
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
