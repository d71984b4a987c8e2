/** A workflow as code: a name, a version, shapes, and an async function over `run`. */
import { callable, checkGiven, checkName, checkOptions } from '../base/index.ts';
import { type Amounts, checkedAmounts, type Plan } from '../model/index.ts';
import { WORKFLOW } from './options.ts';
import type { Run } from './run.ts';
import type { Schema } from './skill.ts';

export interface WorkflowOptions<I, O> {
  version?: string;
  input?: Schema<I>;
  output?: Schema<O>;
  budget?: Amounts;
  /** How long a run may take. */
  deadlineMs?: number;
  labels?: string[];
}

export interface Workflow<I = unknown, O = unknown> extends WorkflowOptions<I, O> {
  name: string;
  version: string;
  /** The code; absent for workflows as data. */
  fn?: (run: Run, input: I) => O | Promise<O>;
  /** The plan; absent for workflows as code. */
  plan?: Plan;
}

/** Any workflow, whatever its shapes: what a site keeps. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyWorkflow = Workflow<any, any>;

type Body<I, O> = (run: Run, input: I) => O | Promise<O>;

export function workflow<I = unknown, O = unknown>(name: string, fn: Body<I, O>): Workflow<I, O>;
export function workflow<I = unknown, O = unknown>(
  name: string,
  options: WorkflowOptions<I, O>,
  fn: Body<I, O>,
): Workflow<I, O>;
export function workflow<I, O>(
  name: string,
  second: WorkflowOptions<I, O> | Body<I, O>,
  third?: Body<I, O>,
): Workflow<I, O> {
  checkName(name);
  const options = typeof second === 'function' ? {} : second;
  const fn = typeof second === 'function' ? second : third!;
  checkOptions(options, WORKFLOW, 'workflow', name);
  checkedAmounts(options.budget, `budget of workflow '${name}'`);
  checkGiven(fn, callable, `the code of workflow '${name}'`);
  return { ...options, name, version: options.version ?? '1', fn };
}

/** What a worker must have to carry a run on. */
export function needsOf(flow: { name: string; version: string }): string {
  return `${flow.name}@${flow.version}`;
}
