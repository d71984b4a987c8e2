/** A body of a plan, made ready once: its steps by name, and what follows each. Derived, never kept in a state. */
import type { Json } from '../../base/index.ts';
import { compileTemplate, type PlanBody, type PlanEdge, type PlanStep } from '../../model/index.ts';

export interface Body {
  steps: readonly PlanStep[];
  byName: ReadonlyMap<string, PlanStep>;
  /** For each step: those with an edge from it. */
  after: ReadonlyMap<string, readonly PlanStep[]>;
  /** Steps that no other comes after. */
  last: readonly PlanStep[];
  /** Template of what the scope gives. */
  output: Json;
  /** Steps that the output reads. */
  wanted: ReadonlySet<string>;
}

const made = new WeakMap<PlanBody, Body>();
const NO_EDGES: readonly PlanEdge[] = [];
const NO_STEPS: readonly PlanStep[] = [];

export function bodyOf(plan: PlanBody): Body {
  let body = made.get(plan);
  if (body === undefined) made.set(plan, (body = make(plan)));
  return body;
}

export function edgesOf(step: PlanStep): readonly PlanEdge[] {
  return step.after ?? NO_EDGES;
}

export function followers(body: Body, name: string): readonly PlanStep[] {
  return body.after.get(name) ?? NO_STEPS;
}

function make(plan: PlanBody): Body {
  const after = new Map<string, PlanStep[]>();
  for (const step of plan.steps)
    for (const edge of edgesOf(step)) {
      const followers = after.get(edge.step);
      if (followers === undefined) after.set(edge.step, [step]);
      else if (followers.at(-1) !== step) followers.push(step);
    }
  const last = plan.steps.filter((step) => !after.has(step.name));
  const output = plan.output ?? defaultOutput(last);
  return {
    steps: plan.steps,
    byName: new Map(plan.steps.map((step) => [step.name, step])),
    after,
    last,
    output,
    wanted: plan.output === undefined ? new Set() : compileTemplate(plan.output).refs.steps,
  };
}

/** What a body gives that does not say so: the output of its last step, or of each of them by name. */
function defaultOutput(last: readonly PlanStep[]): Json {
  const value = (step: PlanStep) => `\${steps[${JSON.stringify(step.name)}]}`;
  if (last.length === 1) return value(last[0]!);
  return Object.fromEntries(last.map((step) => [step.name, value(step)]));
}
