/**
 * A workflow as data: steps with names, the edges between them, and how values flow.
 * Expressions are CEL; a template is JSON in which a string `${expression}` stands for its value.
 * They see `input`, `goal`, `steps.name` (outputs), `faults.name`, in a map `item`, `index` and `key`, in a
 * loop `carry` and `turn`, after a join `joined` and `first`.
 */
import type { Json } from '../base/index.ts';
import type { Amounts, JoinMode, StepKind, StepSpec } from './words.ts';

export type EdgeWhen = 'success' | 'completion' | 'failure';

export interface PlanEdge {
  step: string;
  /** Default: success. */
  when?: EdgeWhen;
  /** CEL: the edge holds only if true. */
  if?: string;
}

export interface PlanStep {
  /** Its name; the id is the scope path + name. */
  name: string;
  kind: Exclude<StepKind, 'join' | 'now' | 'random'>;
  after?: PlanEdge[];
  /** How edges become one: all (default), any, settled, or at least n. */
  join?: JoinMode;
  /** CEL: the step is skipped unless true. */
  if?: string;
  /** Template of the input; of a `wait`, until when (ms since 1970). */
  input?: Json;
  spec?: StepSpec;
  was?: string;
  labels?: string[];
  /** Type of the output as JSON Schema, for checking edges and answers. */
  output?: Json;
  /** map: CEL giving the list, and for each `item` (and `index`) its key. `spec.join` says how items become one. */
  over?: string;
  key?: string;
  /** map, loop: the body. */
  body?: PlanBody;
  /** loop: template of the first carried value; CEL that ends the loop, over what the turn gave (`carry`). */
  carry?: Json;
  until?: string;
}

export interface PlanBody {
  steps: PlanStep[];
  /** Template of what the scope gives; default: the outputs of its last steps. */
  output?: Json;
}

export interface Plan extends PlanBody {
  name: string;
  version: string;
  goal?: string;
  /** JSON Schema of the input. */
  input?: Json;
  budget?: Amounts;
  deadlineMs?: number;
  labels?: string[];
}
