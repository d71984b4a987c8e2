/** Every option of workflows, skills and of what `run` offers, by the call that takes it. */
import {
  amount,
  anything,
  callable,
  count,
  either,
  flag,
  holding,
  list,
  MAX_MS,
  millis,
  object,
  oneOf,
  type Option,
  type Options,
  text,
  texts,
} from '../base/index.ts';
import { EFFECT_CLASSES, type PreferenceWeights, type RetrySpec } from '../model/index.ts';
import type {
  CallOptions,
  ChildOptions,
  CodeOptions,
  GateOptions,
  LoopOptions,
  MapOptions,
  NameOptions,
  SignalOptions,
  WaitTime,
} from './run.ts';
import type { SkillShapes } from './skill.ts';
import type { WorkflowOptions } from './workflow.ts';

const schema: Option = {
  fits: (value) => typeof (value as { safeParse?: unknown } | null)?.safeParse === 'function',
  wants: 'a zod schema',
};
const agree: Option = {
  fits: (value) => object.fits(value) && text.fits((value as { by?: unknown }).by),
  wants: 'an object whose `by` names a way to agree',
};

const join = either(oneOf('all', 'any', 'settled'), holding<{ atLeast: number }>({ atLeast: count }, 'atLeast'));

/** Of a step, and of a whole run. */
export const PREFER: Option = either(
  oneOf('balanced', 'quality', 'cost', 'speed'),
  holding<PreferenceWeights>({ quality: amount, cost: amount, speed: amount }),
);

export const NAME: Options<NameOptions> = {
  key: { fits: (value) => typeof value === 'string' || typeof value === 'number', wants: 'a text or a number' },
  was: text,
  drift: oneOf('ask', 'keep', 'redo'),
  labels: texts,
};

export const CODE: Options<CodeOptions> = { ...NAME, timeoutMs: millis, deadlineMs: millis };

export const CALL: Options<CallOptions<unknown>> = {
  ...NAME,
  name: text,
  output: schema,
  agent: text,
  effect: oneOf(...EFFECT_CLASSES),
  agree,
  retry: holding<RetrySpec>({ tries: count, firstMs: millis, factor: count, maxMs: millis }),
  timeoutMs: millis,
  deadlineMs: millis,
  // Amounts are checked where they are used.
  ceiling: anything,
  prefer: PREFER,
  hedge: flag,
  lesser: list,
  alternatives: list,
  cost: amount,
  person: text,
  gate: text,
  right: text,
};

export const GATE: Options<GateOptions> = { ...NAME, right: text, timeoutMs: millis, show: anything };
/** One that is over already is no mistake. */
const isSpan = (value: unknown): boolean => Number.isFinite(value) && (value as number) <= MAX_MS;
export const WAIT: Options<WaitTime> = { ms: { fits: isSpan, wants: 'a number of ms' }, untilMs: millis };
export const SIGNAL: Options<SignalOptions> = { ...NAME, timeoutMs: millis };
export const CHILD: Options<ChildOptions> = { ...NAME, budget: anything, name: text };
export const MAP: Options<MapOptions<never>> = {
  ...NAME,
  itemKey: callable,
  width: count,
  join,
};
export const LOOP: Options<LoopOptions<never>> = { ...NAME, from: anything, until: callable, maxTurns: count };

export const WORKFLOW: Options<WorkflowOptions<never, never>> = {
  version: text,
  input: schema,
  output: schema,
  budget: anything,
  deadlineMs: millis,
  labels: texts,
};

export const SKILL: Options<SkillShapes<never, never>> = { input: schema, output: schema, description: text };
