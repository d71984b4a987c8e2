/** Builds the `run` face of one scope: turns what the code says into asks with ids and hashes. */
import { checkName, Fault, stepId, toJson } from '../base/index.ts';
import { stepHash, type StepAsk, type StepKind, type StepSpec } from '../model/index.ts';
import { ContinueAsNew } from './continue.ts';
import type { Asking } from './coroutine.ts';
import { compositeMethods } from './composite.ts';
import type { CallOptions, NameOptions, Run } from './run.ts';
import { problems, schemaHash, type Skill } from './skill.ts';

/** What the methods of a scope share. */
export interface Scope {
  readonly runId: string;
  readonly path: string;
  readonly asking: Asking;
  /** Makes the id, and refuses a name used before. */
  id(name: string, options: NameOptions | undefined): string;
  ask(
    kind: StepKind,
    id: string,
    hash: string,
    options: NameOptions | undefined,
    spec?: StepSpec,
    data?: unknown,
  ): StepAsk;
  inner(path: string): Run;
}

const checked = new Set<string>();

export function createRun(runId: string, asking: Asking, path = ''): Run {
  let used: Set<string> | undefined;
  const scope: Scope = {
    runId,
    path,
    asking,
    id(name, options) {
      if (!checked.has(name)) {
        checkName(name);
        if (checked.size < 10_000) checked.add(name);
      }
      const id = stepId(path, name, options?.key);
      used ??= new Set();
      if (used.has(id)) {
        throw new Fault('step.repeated', `step '${id}' is asked twice in one scope: give each use its own key`, {
          detail: { step: id },
        });
      }
      used.add(id);
      return id;
    },
    ask(kind, step, hash, options, spec, data) {
      const ask: StepAsk = { step, kind, hash };
      if (options?.drift !== undefined) spec = { ...spec, drift: options.drift };
      if (spec !== undefined) ask.spec = spec;
      if (options?.was !== undefined) ask.was = options.was;
      if (options?.labels !== undefined) ask.labels = options.labels;
      if (data !== undefined) ask.data = toJson(data);
      return ask;
    },
    inner: (inner) => createRun(runId, asking, inner),
  };

  function call(
    kind: 'ask' | 'effect',
    to: string | Skill,
    input: unknown,
    options: CallOptions<unknown> = {},
  ): Promise<unknown> {
    const skill: Skill = typeof to === 'string' ? { name: to } : to;
    const output = options.output ?? skill.output;
    const id = scope.id(options.name ?? skill.name, options);
    const value = skill.input === undefined ? input : parseInput(id, skill, input);
    const hash = stepHash(value, schemaHash(output), options.effect);
    return asking.ask(
      scope.ask(kind, id, hash, options, callSpec(skill.name, options), value),
      output === undefined ? undefined : { output },
    );
  }

  const run = {
    id: runId,
    scope: path,
    ask: (to: string | Skill, input?: unknown, options?: CallOptions<unknown>) => call('ask', to, input, options),
    effect: (to: string | Skill, input?: unknown, options?: CallOptions<unknown>) => call('effect', to, input, options),
    code(name: string, ...rest: unknown[]) {
      const plain = typeof rest[0] === 'function';
      const input = plain ? undefined : rest[0];
      const fn = (plain ? rest[0] : rest[1]) as (input?: unknown) => unknown;
      const options = (plain ? rest[1] : rest[2]) as NameOptions | undefined;
      const id = scope.id(name, options);
      return asking.ask(scope.ask('code', id, stepHash(input), options, undefined, input), {
        fn: input === undefined ? fn : () => fn(input),
      });
    },
    gate(name: string, options: { right?: string; timeoutMs?: number; show?: unknown } & NameOptions = {}) {
      const id = scope.id(name, options);
      return asking.ask(
        scope.ask(
          'gate',
          id,
          stepHash(options.show),
          options,
          { right: options.right, waitMs: options.timeoutMs },
          options.show,
        ),
      );
    },
    wait(name: string, how: { ms?: number; untilMs?: number }, options?: NameOptions) {
      const spec = how.ms === undefined ? { untilMs: how.untilMs } : { waitMs: how.ms };
      return asking.ask(scope.ask('wait', scope.id(name, options), stepHash(how), options, spec));
    },
    signal(name: string, options?: NameOptions & { timeoutMs?: number }) {
      return asking.ask(
        scope.ask('signal', scope.id(name, options), stepHash(undefined), options, {
          signal: name,
          waitMs: options?.timeoutMs,
        }),
      );
    },
    workflow(
      child: string | { name: string; version: string; input?: Skill['input'] },
      input?: unknown,
      options: { budget?: StepSpec['budget']; name?: string } & NameOptions = {},
    ) {
      const flow: { name: string; version?: string } = typeof child === 'string' ? { name: child } : child;
      const id = scope.id(options.name ?? flow.name, options);
      const spec: StepSpec = { workflow: flow.name, version: flow.version, budget: options.budget };
      return asking.ask(scope.ask('workflow', id, stepHash(input), options, spec, input));
    },
    now: (name = 'now', options?: NameOptions) =>
      asking.ask(scope.ask('now', scope.id(name, options), stepHash(undefined), options)),
    random: (name = 'random', options?: NameOptions) =>
      asking.ask(scope.ask('random', scope.id(name, options), stepHash(undefined), options)),
    continueAsNew(input: unknown): never {
      throw new ContinueAsNew(toJson(input));
    },
    ...compositeMethods(scope),
  };
  return run as unknown as Run;
}

function callSpec(skill: string, options: CallOptions<unknown>): StepSpec {
  const spec: StepSpec = { skill };
  if (options.agent !== undefined) spec.agent = options.agent;
  if (options.effect !== undefined) spec.effect = options.effect;
  if (options.agree !== undefined) spec.agree = options.agree;
  if (options.retry !== undefined) spec.retry = options.retry;
  if (options.timeoutMs !== undefined) spec.timeoutMs = options.timeoutMs;
  if (options.deadlineMs !== undefined) spec.deadlineMs = options.deadlineMs;
  if (options.ceiling !== undefined) spec.ceiling = options.ceiling;
  if (options.gate !== undefined) spec.gate = options.gate;
  if (options.right !== undefined) spec.right = options.right;
  if (options.lesser !== undefined) {
    spec.lesser = options.lesser.map((goal) =>
      typeof goal === 'string' ? { skill: goal } : 'name' in goal ? { skill: goal.name } : goal,
    );
  }
  return spec;
}

function parseInput(id: string, skill: Skill, input: unknown): unknown {
  const parsed = skill.input!.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new Fault(
    'input.invalid',
    `what step '${id}' gives the skill '${skill.name}' does not fit: ${problems(parsed.error)}`,
  );
}
