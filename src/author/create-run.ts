/**
 * The `run` face of one scope: turns what the code says into asks with ids and hashes. A class, for its
 * methods are many and its instances too: one a run, one a branch, one a turn of a loop.
 */
import {
  callable,
  checkGiven,
  checkName,
  checkOptions,
  count,
  Fault,
  type Json,
  stepId,
  text,
  toJson,
} from '../base/index.ts';
import {
  agreeProblems,
  type AgreeSpec,
  checkedAmounts,
  checkWay,
  equalityFor,
  type JoinMode,
  protocolShapes,
  readWays,
  stepHash,
  type StepAsk,
  type StepKind,
  type StepSpec,
  type WayWords,
} from '../model/index.ts';
import { mustBeRight } from './check.ts';
import { type CompositeScope, joinBranches, mapItems, turnLoop } from './composite.ts';
import { ContinueAsNew } from './continue.ts';
import type { Asking } from './coroutine.ts';
import { CALL, CHILD, CODE, GATE, NAME, SIGNAL, WAIT } from './options.ts';
import type {
  Branches,
  CallOptions,
  ChildOptions,
  GateOptions,
  LoopOptions,
  MapOptions,
  CodeOptions,
  NameOptions,
  Run,
  SignalOptions,
  WaitTime,
} from './run.ts';
import { schemaJson } from './schema-json.ts';
import { parseWith, type Schema, schemaHash, type Skill } from './skill.ts';

export function createRun(runId: string, asking: Asking): Run {
  return new ScopedRun(runId, asking, '') as unknown as Run;
}

/** Names that were found good: checking again costs more than remembering a few. */
const checked = new Set<string>();
const MAX_CHECKED = 10_000;

class ScopedRun implements CompositeScope {
  readonly id: string;
  readonly scope: string;
  readonly asking: Asking;
  private used: Set<string> | undefined;

  constructor(runId: string, asking: Asking, scope: string) {
    this.id = runId;
    this.asking = asking;
    this.scope = scope;
  }

  /** Makes a step's id, and refuses a name used before. */
  name(name: string, options: NameOptions | undefined): string {
    if (!checked.has(name)) {
      checkName(name);
      if (checked.size < MAX_CHECKED) checked.add(name);
    }
    const id = stepId(this.scope, name, options?.key);
    this.used ??= new Set();
    if (this.used.has(id)) {
      const detail = { step: id };
      throw new Fault('step.repeated', `step '${id}' is asked twice in one scope: give each use its own key`, {
        detail,
      });
    }
    this.used.add(id);
    return id;
  }

  describe(
    kind: StepKind,
    step: string,
    hash: string,
    options: NameOptions | undefined,
    spec?: StepSpec,
    data?: unknown,
  ): StepAsk {
    const ask: StepAsk = { step, kind, hash };
    if (options?.drift !== undefined) spec = { ...spec, drift: options.drift };
    if (spec !== undefined) ask.spec = spec;
    if (options?.was !== undefined) this.former(ask, options.was, options.key);
    if (options?.labels !== undefined) ask.labels = options.labels;
    if (data !== undefined) ask.data = toJson(data);
    return ask;
  }

  /** A former name in this scope (with the same key), or a whole former id. */
  private former(ask: StepAsk, was: string, key: string | number | undefined): void {
    const here = stepId(this.scope, was, was.includes('#') ? undefined : key);
    ask.was = here;
    if (here !== was) ask.wasAlso = was;
  }

  inner(scope: string): Run {
    return new ScopedRun(this.id, this.asking, scope) as unknown as Run;
  }

  ask(to: string | Skill, input?: unknown, options?: CallOptions<unknown>): Promise<unknown> {
    return this.call('ask', to, input, options);
  }

  effect(to: string | Skill, input?: unknown, options?: CallOptions<unknown>): Promise<unknown> {
    return this.call('effect', to, input, options);
  }

  private call(
    kind: 'ask' | 'effect',
    to: string | Skill,
    input: unknown,
    options: CallOptions<unknown> = {},
  ): Promise<unknown> {
    const skill: Skill = typeof to === 'string' ? { name: to } : mustBeSkill(to, kind);
    checkOptions(options, CALL, kind === 'ask' ? 'run.ask' : 'run.effect', skill.name);
    const output = options.output ?? skill.output;
    const id = this.name(options.name ?? skill.name, options);
    const value = skill.input === undefined ? input : parseInput(id, skill, input);
    const hash = stepHash(value, schemaHash(output), options.effect, skill.name);
    const ask = this.describe(kind, id, hash, options, callSpec(kind, skill.name, output, options), value);
    return this.asking.ask(ask, output === undefined ? undefined : { output });
  }

  /** The input is hashed, not kept: the function closes over it, and the code makes it again at every resume. */
  code(name: string, first?: unknown, second?: unknown, third?: unknown): Promise<unknown> {
    const plain = typeof first === 'function';
    const input = plain ? undefined : first;
    const fn = (plain ? first : second) as (input?: unknown) => unknown;
    const options = (plain ? second : third) as CodeOptions | undefined;
    if (typeof fn !== 'function') checkGiven(fn, callable, `what run.code '${name}' works`);
    checkOptions(options, CODE, 'run.code', name);
    const ask = this.describe('code', this.name(name, options), stepHash(input), options, codeSpec(options));
    return this.asking.ask(ask, { fn: input === undefined ? fn : () => fn(input) });
  }

  map<T>(
    name: string,
    items: readonly T[],
    options: MapOptions<T>,
    fn: (item: T, run: Run) => unknown,
  ): Promise<unknown> {
    return mapItems(this, name, items, options, fn);
  }

  loop<S>(
    name: string,
    options: LoopOptions<S>,
    body: (state: S, run: Run, turn: number) => S | Promise<S>,
  ): Promise<unknown> {
    return turnLoop(this, name, options, body);
  }

  all(name: string, branches: Branches, options?: NameOptions): Promise<unknown> {
    return joinBranches(this, name, 'all', branches, options);
  }

  any(name: string, branches: Branches, options?: NameOptions): Promise<unknown> {
    const first = joinBranches(this, name, 'any', branches, options).then((won) => {
      const [branch, value] = Object.entries(won as Record<string, unknown>)[0] ?? [];
      return { branch, value };
    });
    first.catch(() => {});
    return first;
  }

  atLeast(name: string, least: number, branches: Branches, options?: NameOptions): Promise<unknown> {
    checkGiven(least, count, `how many of '${name}' run.atLeast waits for`);
    const mode: JoinMode = { atLeast: least };
    return joinBranches(this, name, mode, branches, options);
  }

  settled(name: string, branches: Branches, options?: NameOptions): Promise<unknown> {
    return joinBranches(this, name, 'settled', branches, options);
  }

  gate(name: string, options: GateOptions = {}): Promise<unknown> {
    checkOptions(options, GATE, 'run.gate', name);
    const spec: StepSpec = { right: options.right, waitMs: options.timeoutMs };
    const ask = this.describe('gate', this.name(name, options), stepHash(options.show), options, spec, options.show);
    return this.asking.ask(ask);
  }

  wait(name: string, how: WaitTime, options?: NameOptions): Promise<unknown> {
    checkOptions(how, WAIT, 'run.wait', name);
    checkOptions(options, NAME, 'run.wait', name);
    if (how?.ms === undefined && how?.untilMs === undefined)
      throw new Fault('input.invalid', `wait '${name}' names no time: give it \`ms\` or \`untilMs\``);
    const spec: StepSpec = how.ms === undefined ? { untilMs: how.untilMs } : { waitMs: how.ms };
    return this.asking.ask(this.describe('wait', this.name(name, options), stepHash(how), options, spec));
  }

  signal(name: string, options?: SignalOptions): Promise<unknown> {
    checkOptions(options, SIGNAL, 'run.signal', name);
    const spec: StepSpec = { signal: name, waitMs: options?.timeoutMs };
    return this.asking.ask(this.describe('signal', this.name(name, options), stepHash(undefined), options, spec));
  }

  workflow(
    child: string | { name: string; version: string },
    input?: unknown,
    options: ChildOptions = {},
  ): Promise<unknown> {
    const flow: { name: string; version?: string } = typeof child === 'string' ? { name: child } : child;
    checkGiven(flow?.name, text, 'what run.workflow is to run');
    checkOptions(options, CHILD, 'run.workflow', flow.name);
    const id = this.name(options.name ?? flow.name, options);
    const spec: StepSpec = {
      workflow: flow.name,
      version: flow.version,
      budget: checkedAmounts(options.budget, 'budget'),
    };
    return this.asking.ask(
      this.describe('workflow', id, stepHash(input, undefined, undefined, flow.name), options, spec, input),
    );
  }

  now(name = 'now', options?: NameOptions): Promise<unknown> {
    checkOptions(options, NAME, 'run.now', name);
    return this.asking.ask(this.describe('now', this.name(name, options), stepHash(undefined), options));
  }

  random(name = 'random', options?: NameOptions): Promise<unknown> {
    checkOptions(options, NAME, 'run.random', name);
    return this.asking.ask(this.describe('random', this.name(name, options), stepHash(undefined), options));
  }

  continueAsNew(input: unknown): never {
    throw new ContinueAsNew(toJson(input));
  }
}

function mustBeSkill(to: Skill, kind: string): Skill {
  if (typeof to?.name === 'string') return to;
  throw new Fault('input.invalid', `run.${kind} names no skill: give it a skill's name, or what \`skill()\` made`);
}

function codeSpec(options: CodeOptions | undefined): StepSpec | undefined {
  if (options?.timeoutMs === undefined && options?.deadlineMs === undefined) return undefined;
  const spec: StepSpec = {};
  if (options.timeoutMs !== undefined) spec.timeoutMs = options.timeoutMs;
  if (options.deadlineMs !== undefined) spec.deadlineMs = options.deadlineMs;
  return spec;
}

/** How answers of this shape are compared, where the step does not say. */
function equalIn(output: Schema | undefined): Json | undefined {
  return output === undefined ? undefined : equalityFor(schemaJson(output));
}

/** Wrong words are told before anybody is asked. Its protocol may be one that is added later. */
function agreeSpec(skill: string, agree: AgreeSpec, output: Schema | undefined): AgreeSpec {
  const [wrong] = agreeProblems(agree, protocolShapes()[agree.by]);
  if (wrong !== undefined)
    throw new Fault('input.invalid', `agreement on '${skill}': ${wrong.member}: ${wrong.message}`);
  if (agree.equal !== 'json' || output === undefined) return { ...agree, equal: agree.equal ?? equalIn(output) };
  return { ...agree, equal: { by: 'json', schema: schemaJson(output) } };
}

function callSpec(
  kind: 'ask' | 'effect',
  skill: string,
  output: Schema | undefined,
  options: CallOptions<unknown>,
): StepSpec {
  const spec: StepSpec = { skill };
  if (options.agent !== undefined) spec.agent = options.agent;
  if (options.effect !== undefined) spec.effect = options.effect;
  if (options.agree !== undefined) spec.agree = agreeSpec(skill, options.agree, output);
  if (options.retry !== undefined) spec.retry = options.retry;
  if (options.timeoutMs !== undefined) spec.timeoutMs = options.timeoutMs;
  if (options.deadlineMs !== undefined) spec.deadlineMs = options.deadlineMs;
  if (options.ceiling !== undefined) spec.ceiling = checkedAmounts(options.ceiling, 'ceiling');
  if (options.prefer !== undefined) spec.prefer = options.prefer;
  if (options.hedge !== undefined) spec.hedge = options.hedge;
  if (options.gate !== undefined) spec.gate = options.gate;
  if (options.right !== undefined) spec.right = options.right;
  if (options.lesser !== undefined) {
    spec.lesser = options.lesser.map((goal) =>
      typeof goal === 'string' ? { skill: goal } : 'name' in goal ? { skill: goal.name } : goal,
    );
  }
  if (options.cost !== undefined) spec.cost = options.cost;
  if (options.person !== undefined) spec.person = options.person;
  if (options.alternatives !== undefined) spec.alternatives = waysOf(kind, spec, options.alternatives);
  return spec;
}

function waysOf(kind: 'ask' | 'effect', spec: StepSpec, words: readonly WayWords[]): StepSpec['alternatives'] {
  const { body, findings } = readWays(words, kind, spec);
  const wrong = [...findings, ...(body ?? []).flatMap((way) => checkWay(spec, way.body))];
  mustBeRight(wrong, spec.skill ?? '');
  return body;
}

function parseInput(id: string, skill: Skill, input: unknown): unknown {
  const { data, problem } = parseWith(skill.input!, input);
  if (problem === undefined) return data;
  throw new Fault('input.invalid', `what step '${id}' gives the skill '${skill.name}' does not fit: ${problem}`);
}
