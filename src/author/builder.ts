/**
 * A plan built in TypeScript: the same words as in YAML, with names and types that the compiler checks.
 *
 *   const incident = plan('incident')
 *     .step('logs', { ask: 'read-logs', with: { service: '${input.service}' } })
 *     .step('cause', { ask: 'find-cause', after: 'logs', with: '${steps.logs}' })
 *     .give('${steps.cause}');
 *
 * A step may come after those that were written before it, and after no others: a circle cannot be written.
 */
import type { Json } from '../base/index.ts';
import { type Known, type Plan, type PlanWords, readPlan, type StepWords } from '../model/index.ts';
import { checkPlan, mustBeRight } from './check.ts';
import { schemaJson, type Schema } from './schema-json.ts';
import type { Workflow } from './workflow.ts';

type When = 'success' | 'completion' | 'failure';
type After<N extends string> = N | { step: N; when?: When; if?: string } | { [K in N]?: When };

/** A step's words; `after` and `gate` name steps that are there, `returns` may be a zod schema. */
export type BuiltStep<N extends string> = Omit<StepWords, 'after' | 'gate' | 'returns' | 'steps' | 'with'> & {
  after?: After<N> | readonly After<N>[];
  /** The gate to pass; of a gate itself, the right it asks for. */
  gate?: N | { right?: string; timeout?: string | number };
  returns?: Json | Schema;
  with?: unknown;
  /** map, loop: what is done for each item or turn. */
  steps?: (body: Builder) => Builder<string>;
};

export interface Builder<N extends string = never> {
  step<S extends string>(name: S, words: BuiltStep<N>): Builder<N | S>;
  /** What the plan, or the body, gives. */
  give(output: unknown): Builder<N>;
}

export interface PlanBuilder<N extends string = never> {
  step<S extends string>(name: S, words: BuiltStep<N>): PlanBuilder<N | S>;
  give(output: unknown): PlanBuilder<N>;
  /** The words, as YAML would hold them. */
  words(): PlanWords;
  /** Throws a fault that names everything that is wrong. */
  plan(known?: Known): Plan;
  workflow(known?: Known): Workflow;
}

export type PlanOptions = Omit<PlanWords, 'name' | 'steps' | 'output' | 'input'> & { input?: Json | Schema };

export function plan(name: string, options: PlanOptions = {}): PlanBuilder {
  const { input, ...rest } = options;
  const body = bodyBuilder();
  const words = (): PlanWords => ({
    name,
    ...rest,
    ...(input !== undefined && { input: schemaJson(input) }),
    ...body.words(),
  });
  const make = (known?: Known): Plan => {
    const read = readPlan(JSON.parse(JSON.stringify(words())));
    mustBeRight(read.findings, name);
    mustBeRight(checkPlan(read.body!, known), name);
    return read.body!;
  };
  const builder: PlanBuilder<string> = {
    step(step, its) {
      body.step(step, its);
      return builder;
    },
    give(output) {
      body.give(output);
      return builder;
    },
    words,
    plan: make,
    workflow: (known) => planWorkflow(make(known)),
  };
  return builder;
}

/** A plan as a workflow that a site can start. */
export function planWorkflow(made: Plan): Workflow {
  const { name, version, budget, deadlineMs, labels } = made;
  return { name, version, plan: made, budget, deadlineMs, labels };
}

interface BodyBuilder extends Builder<string> {
  words(): { steps: Record<string, StepWords>; output?: Json };
}

function bodyBuilder(): BodyBuilder {
  const steps = new Map<string, StepWords>();
  const twice: string[] = [];
  let output: unknown;
  const builder: BodyBuilder = {
    step(name, words) {
      if (steps.has(name)) twice.push(name);
      steps.set(name, stepWordsOf(words));
      return builder;
    },
    give(value) {
      output = value;
      return builder;
    },
    words() {
      mustBeRight(
        twice.map((name) => ({ code: 'duplicate', place: `steps.${name}`, message: `two steps are named '${name}'` })),
        'built',
      );
      return { steps: Object.fromEntries(steps), ...(output !== undefined && { output: output as Json }) };
    },
  };
  return builder;
}

function stepWordsOf({ steps, returns, ...words }: BuiltStep<string>): StepWords {
  const made = words as StepWords;
  if (returns !== undefined) made.returns = schemaJson(returns);
  if (steps === undefined) return made;
  const body = bodyBuilder();
  steps(body);
  return { ...made, ...body.words() };
}
