/** What a step of a plan asks for: its input filled in, its kind's own facts, and the same hash as in code. */
import { Fault, type Json, stepId } from '../../base/index.ts';
import {
  compileExpr,
  compileTemplate,
  type Expr,
  joinLabels,
  joinRefs,
  type PlanStep,
  type Refs,
  type RunState,
  schemaFingerprint,
  stepHash,
  type StepAsk,
  type StepSpec,
} from '../../model/index.ts';
import { edgesOf } from './body.ts';
import { type Scope, stepNamed } from './scope.ts';
import { type Joined, labelsOf, varsFor } from './values.ts';

export const DEFAULT_WIDTH = 16;

/** Throws a fault where an expression fails or a map's list is none. */
export function askFor(state: RunState, scope: Scope, def: PlanStep, joined: Joined): StepAsk {
  const refs = readBy(def);
  const labels = joinLabels(def.labels, labelsOf(state, scope, refs, joined));
  const ask: StepAsk = { step: stepId(scope.path, def.name), kind: def.kind, hash: '' };
  if (labels !== undefined) ask.labels = labels;
  const spec = specOf(state, scope, def);
  if (spec !== undefined) ask.spec = spec;
  if (def.kind === 'map') return mapAsk(state, scope, def, ask, joined);
  const value = fill(state, scope, def.kind === 'loop' ? (def.carry ?? null) : def.input, joined);
  if (def.kind === 'wait') return waitAsk(def, ask, value);
  if (value !== undefined) ask.data = value;
  const answers = def.kind === 'ask' || def.kind === 'effect' || def.kind === 'plan' || def.kind === 'code';
  ask.hash = answers ? stepHash(value, schemaFingerprint(def.output), def.spec?.effect) : stepHash(value);
  return ask;
}

const reading = new WeakMap<PlanStep, Refs>();

/** All that a step's own templates and conditions read. */
function readBy(def: PlanStep): Refs {
  let refs = reading.get(def);
  if (refs === undefined) {
    const texts = [def.if, def.over, ...edgesOf(def).map((edge) => edge.if)].filter((text) => text !== undefined);
    const templates = [def.input, def.carry].filter((template) => template !== undefined);
    refs = joinRefs([
      ...texts.map((text) => compileExpr(text).refs),
      ...templates.map((template) => compileTemplate(template).refs),
    ]);
    reading.set(def, refs);
  }
  return refs;
}

function fill(state: RunState, scope: Scope, template: Json | undefined, joined: Joined): Json | undefined {
  if (template === undefined) return undefined;
  const { refs, fill } = compileTemplate(template);
  return fill(varsFor(state, scope, refs, joined));
}

/** The gate that a step names stands in its scope or one around it. */
function specOf(state: RunState, scope: Scope, def: PlanStep): StepSpec | undefined {
  const gate = def.spec?.gate;
  return gate === undefined ? def.spec : { ...def.spec, gate: stepNamed(state, scope, gate)?.id ?? gate };
}

function waitAsk(def: PlanStep, ask: StepAsk, value: Json | undefined): StepAsk {
  const { waitMs, untilMs } = def.spec ?? {};
  if (value === undefined) {
    ask.hash = stepHash(waitMs === undefined ? { untilMs } : { ms: waitMs });
    return ask;
  }
  if (typeof value !== 'number')
    throw new Fault('plan.invalid', `'${ask.step}' waits until ${JSON.stringify(value)}: give ms since 1970`);
  ask.spec = { ...ask.spec, untilMs: value };
  ask.hash = stepHash({ untilMs: value });
  return ask;
}

function mapAsk(state: RunState, scope: Scope, def: PlanStep, ask: StepAsk, joined: Joined): StepAsk {
  const over = compileExpr(def.over ?? '[]');
  const list = over.run(varsFor(state, scope, over.refs, joined));
  if (!Array.isArray(list))
    throw new Fault('plan.invalid', `'${over.text}' of map '${ask.step}' gives no list`, {
      detail: { step: ask.step },
    });
  const keys = keysOf(state, scope, ask.step, compileExpr(def.key ?? 'item'), list);
  ask.spec = { ...ask.spec, branches: keys, width: def.spec?.width ?? DEFAULT_WIDTH };
  ask.data = list;
  ask.hash = stepHash(list);
  return ask;
}

function keysOf(state: RunState, scope: Scope, step: string, key: Expr, list: readonly Json[]): string[] {
  const vars = varsFor(state, scope, key.refs);
  const seen = new Map<string, number>();
  return list.map((item, index) => {
    vars.item = item;
    vars.index = index;
    const value = key.run(vars);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new Fault(
        'plan.invalid',
        `the key of item ${index} of map '${step}' is ${JSON.stringify(value)}: it must be a text or a number`,
        { detail: { step, index } },
      );
    const text = String(value);
    const before = seen.get(text);
    if (before !== undefined)
      throw new Fault('step.repeated', `items ${before} and ${index} of map '${step}' have the same key '${text}'`, {
        detail: { step, key: text, items: [before, index] },
      });
    seen.set(text, index);
    return text;
  });
}
