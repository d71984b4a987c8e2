/**
 * The ways that a step has left, as an AND/OR graph from where the work stands.
 *
 * F1  What is settled is sunk: it costs nothing more, unless what it did was undone. What failed stays shut.
 * F2  A way that leaves an effect behind undoes it first; one that would leave what cannot be undone is shut.
 * F3  Steps of the same name in two ways of one step are the same step.
 */
import { isWithin, scopeOf } from '../../../base/index.ts';
import {
  type Candidate,
  type CutMember,
  type EffectDone,
  goalSkill,
  isToStay,
  type PlanBody,
  type PlanStep,
  type RunState,
  type StepState,
  suspectKey,
} from '../../../model/index.ts';
import { bodyOf, edgesOf, idIn, isTolerant } from '../../plan/index.ts';
import { eligible, hasMore, OVER_BUDGET, shutOut, skillView } from '../../route/index.ts';
import { undoneIn } from './anew.ts';
import { addLeaf, addNode, type AndOr, emptyGraph } from './and-or.ts';
import { measuredOf, weightOf } from './weight.ts';

export interface Frontier {
  graph: AndOr;
  root: number;
  /** The root's children: the way each stands for (-1 = the step's own skill). */
  ways: { way: number; node: number }[];
  /** What the calls of a node's leaves cost in money and time. */
  takes: Map<number, Takes>;
  /** The steps of a body, where a node stands for one: what follows what. */
  bodies: Map<number, { body: PlanBody; steps: ReadonlyMap<string, number> }>;
  /** What a shut leaf is. */
  members: Map<number, CutMember>;
}

/** What was done and stays shuts the ways around it too: a cut that names it is the smaller one further up. */
export function isDone({ why }: CutMember): boolean {
  return why.startsWith('done');
}

export interface Takes {
  money: number;
  timeMs: number;
}

/** An undo is worth something: of two ways equally dear the one that leaves less behind is taken. */
const UNDO_WEIGHT = 1e-6;

/** How ways are looked at. */
export interface Look {
  /** The way it was on has come to a bad end. */
  ended: boolean;
  /** Who failed elsewhere in this run counts as down. */
  wary: boolean;
  /** The budget cannot hold a call of the step's own skill, whoever is asked. */
  short: boolean;
}

export function frontierOf(state: RunState, step: StepState, { ended, wary, short }: Look): Frontier {
  const made = making(state, { ended: ended ? step : undefined, wary, short: short ? step : undefined });
  const ways = waysOf(made, step);
  const root = addNode(
    made.graph,
    ways.map((one) => one.node),
    1,
  );
  return { ...made, root, ways };
}

/** What of a scope is still to be worked beside this step: the least it takes. */
export interface Rest extends Omit<Frontier, 'ways'> {
  /** Each scope around, with the step of it that we stand in. */
  scopes: { body: PlanBody; steps: ReadonlyMap<string, number>; at: string }[];
}

export function restOf(state: RunState, step: StepState): Rest {
  const made = making(state, { ended: undefined, wary: false, short: undefined });
  const parts: number[] = [];
  const scopes: Rest['scopes'] = [];
  for (let id = step.id; ; id = scopeOf(id)) {
    const scope = scopeOf(id);
    const around = state.steps.get(scope);
    const body = scope === '' ? state.plan : around?.graft;
    const steps = new Map<string, number>();
    for (const def of body?.steps ?? [])
      if (idIn({ path: scope }, def.name) !== id) steps.set(def.name, stepNode(made, scope, def));
    parts.push(...steps.values());
    if (body !== undefined) scopes.push({ body, steps, at: id.slice(scope === '' ? 0 : scope.length + 1) });
    if (scope === '') break;
  }
  return { ...made, root: addNode(made.graph, parts), scopes };
}

function making(state: RunState, how: Pick<Making, 'ended' | 'wary' | 'short'>): Making {
  return {
    state,
    graph: emptyGraph(),
    members: new Map(),
    leaves: new Map(),
    takes: new Map(),
    bodies: new Map(),
    ...how,
  };
}

interface Making {
  state: RunState;
  graph: AndOr;
  members: Map<number, CutMember>;
  takes: Frontier['takes'];
  bodies: Frontier['bodies'];
  /** Shut leaves, by whom they are about. */
  leaves: Map<string, number>;
  ended: StepState | undefined;
  wary: boolean;
  short: StepState | undefined;
}

function waysOf(made: Making, step: StepState): { way: number; node: number }[] {
  const ways: { way: number; node: number }[] = [];
  if (step.spec.skill !== undefined)
    ways.push({ way: -1, node: addNode(made.graph, [ownNode(made, step), ...leftBehind(made, step, undefined)]) });
  for (const [way, { body }] of (step.spec.alternatives ?? []).entries()) {
    const isOver = step.tried?.includes(way) || (made.ended === step && step.way === way);
    const parts = isOver ? triedNodes(made, step, body) : bodyNodes(made, step.id, body);
    ways.push({ way, node: addNode(made.graph, [...parts, ...leftBehind(made, step, body)]) });
  }
  return ways;
}

/** The step's own skill: whoever of its candidates may be asked. */
function ownNode(made: Making, step: StepState): number {
  const refused = step.attempts?.find((a) => a.lesser === undefined && a.fault?.retry === 'never');
  if (refused !== undefined) return shut(made, step, refused.agent, `failed: ${refused.fault!.code}`);
  return callNode(made, step);
}

function callNode(made: Making, step: StepState): number {
  const { state, graph } = made;
  const view = skillView(state, step);
  // Nobody knows yet who can do it, or who else: it is found out when it is asked.
  if (view === undefined) return addLeaf(graph, step.spec.cost ?? 1);
  const found = eligible(state, step, 1);
  const { routed } = found;
  if (routed.length === 0 && hasMore(state, step)) return addLeaf(graph, step.spec.cost ?? 1);
  const isDown = (agent: string) => made.wary && state.suspects.has(suspectKey(goalSkill(step, step.lesser), agent));
  const leaves = routed.map(({ candidate }) => {
    if (made.short === step) return shut(made, step, candidate.agent, OVER_BUDGET);
    if (isDown(candidate.agent)) return shut(made, step, candidate.agent, 'failed at another step');
    return callLeaf(made, candidate, step);
  });
  for (const { agent, why } of shutOut(found)) leaves.push(shut(made, step, agent, why));
  if (leaves.length === 0) return shut(made, step, '', 'nobody has the skill');
  return addNode(graph, leaves, 1);
}

function callLeaf(made: Making, candidate: Candidate, step: StepState): number {
  const measured = measuredOf(made.state, step, candidate);
  const leaf = addLeaf(made.graph, weightOf(measured, candidate, step.spec));
  const money = candidate.price?.money ?? step.spec.ceiling?.money ?? 0;
  made.takes.set(leaf, { money, timeMs: measured.timeMs });
  return leaf;
}

/** What must be worked of a way. Branches of a race are weighed, the rest is needed whole. */
function bodyNodes(made: Making, scope: string, body: PlanBody): number[] {
  const edges = bodyOf(body);
  const anew = undoneIn(made.state, scope, body);
  const nodes: number[] = [];
  const seen = new Set<string>();
  const steps = new Map<string, number>();
  const collect = (def: PlanStep, into: number[], from: Set<string>): void => {
    if (from.has(def.name)) return;
    from.add(def.name);
    const handles = edgesOf(def).some((edge) => edge.when === 'failure');
    if (!handles) {
      const node = stepNode(made, scope, def, anew.has(def.name));
      steps.set(def.name, node);
      into.push(node);
    }
    const before = edgesOf(def).flatMap((edge) => edges.byName.get(edge.step) ?? []);
    if (isTolerant(def)) {
      const branches = before.map((one) => {
        const parts: number[] = [];
        collect(one, parts, new Set(from));
        return addNode(made.graph, parts);
      });
      const join = def.join ?? 'all';
      const need = typeof join === 'object' ? join.atLeast : join === 'any' ? 1 : 0;
      into.push(addNode(made.graph, branches, Math.min(need, branches.length)));
    } else for (const one of before) collect(one, into, from);
  };
  const whole = (): number[] => {
    const node = addNode(made.graph, nodes);
    made.bodies.set(node, { body, steps });
    return [node];
  };
  if (isPlain(body)) {
    for (const def of body.steps) {
      const node = stepNode(made, scope, def, anew.has(def.name));
      steps.set(def.name, node);
      nodes.push(node);
    }
    return whole();
  }
  for (const def of [...edges.last, ...body.steps.filter((one) => edges.wanted.has(one.name))])
    collect(def, nodes, seen);
  return whole();
}

const plain = new WeakMap<PlanBody, boolean>();

/** Neither races nor steps for the failure of others: all of it is needed. */
function isPlain(body: PlanBody): boolean {
  let is = plain.get(body);
  if (is === undefined) {
    is = body.steps.every((def) => !isTolerant(def) && edgesOf(def).every((edge) => edge.when !== 'failure'));
    plain.set(body, is);
  }
  return is;
}

function stepNode(made: Making, scope: string, def: PlanStep, anew = false): number {
  const { state, graph } = made;
  const id = idIn({ path: scope }, def.name);
  const step = (anew ? undefined : state.steps.get(id)) ?? notAsked(state, id, def);
  if (step.settledSeq !== 0) return step.out === 'failed' ? failedNode(made, step) : addLeaf(graph, 0);
  switch (def.kind) {
    case 'ask':
    case 'effect':
      if (step.spec.alternatives === undefined) return callNode(made, step);
      return addNode(
        graph,
        waysOf(made, step).map((one) => one.node),
        1,
      );
    case 'plan':
      return step.graft === undefined ? callNode(made, step) : addLeaf(graph, 0);
    case 'map':
    case 'loop':
      return addNode(graph, def.body === undefined ? [] : bodyNodes(made, `${id}/`, def.body));
    default:
      return addLeaf(graph, 0);
  }
}

function notAsked(state: RunState, id: string, def: PlanStep): StepState {
  return { id, kind: def.kind, hash: '', spec: def.spec ?? {}, at: 'asked', askedAt: state.at, settledSeq: 0 };
}

/** What shut it is said in its fault, where that is known. */
function failedNode(made: Making, step: StepState): number {
  const cut = (step.fault?.detail as { cut?: CutMember[] } | undefined)?.cut;
  if (cut === undefined || cut.length === 0)
    return shut(made, step, agentOf(step), `failed: ${step.fault?.code ?? 'step.failed'}`);
  const leaves = cut.map((member) => shutMember(made, { step: step.id, skill: step.spec.skill, ...member }));
  return addNode(made.graph, leaves, 1);
}

function agentOf(step: StepState): string {
  return (step.fault?.detail as { agent?: string } | undefined)?.agent ?? '';
}

/** A way that was gone to its end: what failed in it is shut; if nothing did, what it gave was of no use. */
function triedNodes(made: Making, step: StepState, body: PlanBody): number[] {
  const failed = body.steps.some((def) => made.state.steps.get(idIn({ path: step.id }, def.name))?.out === 'failed');
  return failed ? bodyNodes(made, step.id, body) : [shut(made, step, '', 'its result was of no use')];
}

/** Effects that stand and have no place in this way. */
function leftBehind(made: Making, step: StepState, body: PlanBody | undefined): number[] {
  return misfits(made.state, step, body).map((done) =>
    done.undoes && done.state === 'done'
      ? addLeaf(made.graph, UNDO_WEIGHT)
      : shutMember(made, {
          agent: done.agent,
          skill: done.skill,
          step: done.step,
          why: done.state === 'stuck' ? 'done, and its undo failed' : 'done, and cannot be undone',
        }),
  );
}

/** The effects of a step that a way contradicts, the last one first. */
export function misfits(state: RunState, step: StepState, body: PlanBody | undefined): EffectDone[] {
  const stays = new Set(body?.steps.map((def) => def.name));
  return state.effects
    .filter((done) => {
      if (done.state === 'undone' || done.state === 'carried') return false;
      if (done.step === step.id) return body !== undefined || step.way !== undefined;
      if (!isWithin(done.step, step.id)) return false;
      if (stays.has(firstName(done.step, step.id))) return false;
      return !isToStay(state, done);
    })
    .reverse();
}

/** Of what stands in a scope: the step of the scope that it is, or is part of. */
function firstName(id: string, scope: string): string {
  return id.slice(scope.length + 1).split('/', 1)[0]!;
}

function shut(made: Making, step: StepState, agent: string, why: string): number {
  return shutMember(made, { agent, why, step: step.id, skill: step.spec.skill });
}

/** One that is down at several steps is one member of a cut. */
function shutMember(made: Making, member: CutMember): number {
  const { agent, skill, step, why } = member;
  const key = agent === '' || isDone(member) ? `${step}|${why}` : `${skill}|${agent}`;
  const known = made.leaves.get(key);
  if (known !== undefined) return known;
  const leaf = addLeaf(made.graph, 0, true);
  made.leaves.set(key, leaf);
  made.members.set(leaf, member);
  return leaf;
}
