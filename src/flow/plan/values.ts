/**
 * What expressions see: `input`, `goal`, `steps.name` (outputs, of this scope and those around it),
 * `faults.name`, in a declared way `asked` (the input of the step it stands in for), of a map `item`, `index`, `key`, of a loop `carry` and `turn`, and of a join `joined`
 * (the outputs that count, by name) and `first` (the one that was first).
 *
 * V1  Only what an expression reads is looked up, so a scope of many steps costs no more.
 * V2  A step that gave nothing (skipped, failed, lost its join) reads as null.
 * V3  The labels of all that was read go with what is made of it.
 * V4  What was erased gives a fault: nothing is decided or made from what is left of it.
 */
import type { Json } from '../../base/index.ts';
import {
  erasedFault,
  holdsErased,
  joinLabels,
  type Refs,
  type RunState,
  type StepState,
  type Vars,
} from '../../model/index.ts';
import { itemOf, type Scope, stepNamed, turnOf } from './scope.ts';

/** The join of the step that asks: its edges, and which of them count. */
export interface Joined {
  edges: readonly string[];
  inputs: readonly string[];
}

export function varsFor(state: RunState, scope: Scope, refs: Refs, joined?: Joined): Vars {
  const vars = valuesFor(state, scope, refs, joined);
  if (state.lacks !== true) return vars;
  // V4
  for (const [name, value] of Object.entries(vars)) if (holdsErased(value)) throw erasedFault(namedIn(name, value));
  return vars;
}

function namedIn(name: string, value: unknown): string {
  if (name !== 'steps' && name !== 'joined') return `'${name}'`;
  const [step] = Object.entries(value as object).find(([, one]) => holdsErased(one))!;
  return `the result of step '${step}'`;
}

function valuesFor(state: RunState, scope: Scope, refs: Refs, joined?: Joined): Vars {
  const vars: Vars = {};
  const at = around(scope);
  const lost = (name: string) => joined !== undefined && joined.edges.includes(name) && !joined.inputs.includes(name);
  for (const name of refs.vars) {
    switch (name) {
      case 'input':
        vars.input = state.input ?? null;
        break;
      case 'goal':
        vars.goal = state.goal ?? null;
        break;
      case 'item':
      case 'index':
      case 'key':
        if (at.map !== undefined) vars[name] = itemOf(at.map.owner!, at.map.path)?.[name] ?? null;
        break;
      case 'carry':
        if (at.loop !== undefined) vars.carry = at.loop.owner!.carry ?? at.loop.owner!.input ?? null;
        break;
      case 'turn':
        if (at.loop !== undefined) vars.turn = turnOf(at.loop.owner!);
        break;
      case 'asked':
        vars.asked = at.way?.owner?.input ?? null;
        break;
      case 'joined':
        vars.joined = Object.fromEntries((joined?.inputs ?? []).map((input) => [input, outputOf(state, scope, input)]));
        break;
      case 'first':
        vars.first = joined?.inputs[0] === undefined ? null : outputOf(state, scope, joined.inputs[0]);
        break;
      case 'steps':
        vars.steps = Object.fromEntries(
          namesOf(refs.steps, refs, scope).map((step) => [step, lost(step) ? null : outputOf(state, scope, step)]),
        );
        break;
      case 'faults':
        vars.faults = Object.fromEntries(
          namesOf(refs.faults, refs, scope).map((step) => [step, faultOf(state, scope, step)]),
        );
        break;
      default:
    }
  }
  return vars;
}

/** Labels of what these references read, and of the inputs of the join. */
export function labelsOf(state: RunState, scope: Scope, refs: Refs, joined?: Joined): string[] | undefined {
  let labels: string[] | undefined;
  const { vars } = refs;
  const at = around(scope);
  if (vars.has('input') || vars.has('goal')) labels = joinLabels(labels, state.labels);
  if (vars.has('item') || vars.has('index') || vars.has('key')) labels = joinLabels(labels, at.map?.owner?.labels);
  if (vars.has('carry') || vars.has('turn')) labels = joinLabels(labels, at.loop?.owner?.labels);
  if (vars.has('asked')) labels = joinLabels(labels, at.way?.owner?.labels);
  const names = new Set([...refs.steps, ...refs.faults, ...(joined?.inputs ?? [])]);
  if (refs.computed) for (const name of allNames(scope)) names.add(name);
  for (const name of names) labels = joinLabels(labels, usable(stepNamed(state, scope, name)?.step)?.labels);
  return labels;
}

/** A settled step whose result counts: not while somebody has to decide on its drift. */
export function usable(step: StepState | undefined): StepState | undefined {
  return step !== undefined && step.settledSeq !== 0 && step.driftHash === undefined ? step : undefined;
}

function outputOf(state: RunState, scope: Scope, name: string): Json {
  const step = usable(stepNamed(state, scope, name)?.step);
  return step?.out === 'ok' ? (step.output ?? null) : null;
}

function faultOf(state: RunState, scope: Scope, name: string): Json {
  const fault = usable(stepNamed(state, scope, name)?.step)?.fault;
  return fault === undefined ? null : { code: fault.code, message: fault.message, ...(fault.detail as {}) };
}

function namesOf(names: ReadonlySet<string>, refs: Refs, scope: Scope): readonly string[] {
  return refs.computed ? allNames(scope) : [...names];
}

function allNames(scope: Scope): string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) names.push(...at.body.byName.keys());
  return names;
}

/** The nearest map, loop and step with ways around. */
function around(scope: Scope): { map?: Scope; loop?: Scope; way?: Scope } {
  const found: { map?: Scope; loop?: Scope; way?: Scope } = {};
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.owner?.kind === 'map') found.map ??= at;
    if (at.owner?.kind === 'loop') found.loop ??= at;
    if (at.owner?.way !== undefined) found.way ??= at;
  }
  return found;
}
