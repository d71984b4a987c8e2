/**
 * Heal: which of its declared ways a step goes on by.
 *
 * A1  Chosen when the step begins, and again when its way has failed: always the cheapest that is open from
 *     where the work stands, and never one that has failed before. Who failed at another step of this run is
 *     passed over, unless no way does without.
 * A2  An effect that does not fit the new way is undone before anything of that way begins; while an undo is
 *     tried, nothing else of the step moves. Where it cannot be undone, the way is shut.
 * A3  A way is left only when nothing of it is out any more.
 * A4  What was undone for another way is worked anew where the new way has it too, and so is what comes after it.
 */
import { type FaultData, scopeOf } from '../../base/index.ts';
import {
  type CutMember,
  type Deciding,
  emit,
  faultData,
  leftStanding,
  type PlanBody,
  type PlanStep,
  type StepSpec,
  type StepState,
} from '../../model/index.ts';
import { idIn, renew } from '../plan/index.ts';
import { beginUndo } from '../settle/index.ts';
import {
  bestWithin,
  cutOf,
  type Frontier,
  frontierOf,
  isDone,
  leftFor,
  type Look,
  misfits,
  undoneIn,
} from './graph/index.ts';

/** True when a way was found, or those who could go it are being asked for. */
export function chooseWay(d: Deciding, step: StepState, failed: FaultData | undefined, short = false): boolean {
  if (step.way === undefined && findAll(d, step)) return true;
  const ended = failed !== undefined;
  const best = bestOf(d, step, { ended, wary: true, short }) ?? bestOf(d, step, { ended, wary: false, short });
  if (best === undefined) return false;
  const { frontier, costs, way, cost } = best;
  if (way !== step.way) take(d, step, way, cost, failed, othersOf(frontier, costs, way));
  d.todo.push({ to: 'leave', step: step.id });
  return true;
}

function bestOf(d: Deciding, step: StepState, how: Look) {
  const frontier = frontierOf(d.state, step, how);
  const best = bestWithin(frontier, leftFor(d.state, step));
  if (best === undefined) return undefined;
  const { way } = frontier.ways.find((one) => one.node === best.node)!;
  return { frontier, costs: best.costs, way, cost: best.costs[best.node]! };
}

function take(
  d: Deciding,
  step: StepState,
  way: number,
  cost: number,
  failed: FaultData | undefined,
  others: { way: number; cost?: number; shut?: CutMember[] }[],
): void {
  const body = step.spec.alternatives?.[way]?.body;
  const undo = misfits(d.state, step, body).map((done) => done.step);
  emit(d, {
    type: 'way.taken',
    step: step.id,
    way,
    why: failed === undefined ? 'cheapest' : 'failed',
    cost: rounded(cost),
    others,
    fault: failed,
    undo: undo.length === 0 ? undefined : undo,
  });
}

/** Sums of floating point: the journal keeps what a person can read. */
function rounded(cost: number): number {
  return Math.round(cost * 1e6) / 1e6;
}

function othersOf({ graph, ways, members }: Frontier, costs: Float64Array, taken: number) {
  return ways
    .filter((one) => one.way !== taken)
    .map(({ way, node }) =>
      costs[node]! < Infinity
        ? { way, cost: rounded(costs[node]!) }
        : { way, shut: namedCut({ graph, members }, node) },
    );
}

/** Why no way is left: a smallest set of what is shut. */
export function cutSet(d: Deciding, step: StepState, short: boolean): CutMember[] {
  const frontier = frontierOf(d.state, step, { ended: true, wary: true, short });
  return namedCut(frontier, frontier.root);
}

function namedCut({ graph, members }: Pick<Frontier, 'graph' | 'members'>, node: number): CutMember[] {
  return cutOf(graph, node, (leaf) => isDone(members.get(leaf)!)).map((leaf) => members.get(leaf)!);
}

/** Everybody who could take part is asked for before the ways are compared. True = some are not known yet. */
function findAll(d: Deciding, step: StepState): boolean {
  const missing = skillsOf(step.spec).filter((skill) => !d.state.skills.has(skill));
  // What is found for one step alone is not known of the skill. Who performs this finds nothing twice at a time.
  const asked = new Set(
    d.commands.map((one) => (one.do === 'findCandidates' && one.step === undefined ? one.skill : undefined)),
  );
  for (const skill of missing) if (!asked.has(skill)) d.commands.push({ do: 'findCandidates', skill, weighed: true });
  return missing.length > 0;
}

const skillsIn = new WeakMap<StepSpec, string[]>();

/** All that may be asked for on any of the ways. Derived, never kept in a state. */
function skillsOf(spec: StepSpec): string[] {
  const known = skillsIn.get(spec);
  if (known !== undefined) return known;
  const skills = new Set(spec.skill === undefined ? [] : [spec.skill]);
  const look = (body: PlanBody | undefined): void => body?.steps.forEach(lookStep);
  const lookStep = (def: PlanStep): void => {
    if (def.spec?.skill !== undefined) skills.add(def.spec.skill);
    look(def.body);
    for (const way of def.spec?.alternatives ?? []) look(way.body);
  };
  for (const way of spec.alternatives ?? []) look(way.body);
  const all = [...skills];
  skillsIn.set(spec, all);
  return all;
}

/** A2: one undo after the other, then the way goes on. */
export function leave(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0 || d.state.phase !== 'running' || step.way === undefined) return;
  const left = leftStanding(d.state, step);
  const stuck = left.find((done) => done.state === 'stuck');
  if (stuck !== undefined) {
    const fault = faultData('no-way-left', `what step '${stuck.step}' did could not be undone`, 'never', {
      cut: [{ agent: stuck.agent, step: stuck.step, skill: stuck.skill, why: 'done, and its undo failed' }],
    });
    return void d.todo.push({ to: 'heal', step: step.id, fault });
  }
  if (left.some((done) => done.state === 'undoing')) return;
  const [next] = left;
  if (next !== undefined) return beginUndo(d, next);
  if (step.way < 0)
    d.todo.push({ to: 'begin', step: step.id, why: step.attempts === undefined ? undefined : 'elsewhere' });
  else goOnBy(d, step, step.graft);
}

/** A4 */
function goOnBy(d: Deciding, step: StepState, body: PlanBody | undefined): void {
  for (const name of body === undefined ? [] : undoneIn(d.state, step.id, body))
    renew(d, d.state.steps.get(idIn({ path: step.id }, name))!, undefined, 'undone');
  d.todo.push({ to: 'advance', scope: step.id });
}

/** An undo has come to its end: the step that leaves a way for it goes on. */
export function leaver(d: Deciding, id: string): StepState | undefined {
  for (let at = id; at !== ''; at = scopeOf(at)) {
    const step = d.state.steps.get(at);
    if (step?.leaving?.includes(id) === true && step.settledSeq === 0) return step;
  }
  return undefined;
}
