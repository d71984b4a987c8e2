/** Why this agent, and which way: what a run knew when it asked, from its journal alone. */
import { Fault, type FaultData } from '../../base/index.ts';
import { decider, eligible } from '../../flow/index.ts';
import {
  type Ask,
  type Candidate,
  type Chosen,
  type EventOf,
  fold,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { goalSkill, presentId } from '../../model/index.ts';
import type { Store } from '../../ports/store/index.ts';
import { loadRun } from '../load.ts';
import { explainedWay, type ExplainedWay, noteUndo } from './explain-ways.ts';

export interface ExplainedTry {
  n: number;
  agent: string;
  skill: string;
  atMs: number;
  /** retry, elsewhere, hedge...; none = the first. */
  why?: EventOf<'attempt.begun'>['why'];
  /** What a panel asked of it, where that was not the step's own question. */
  asked?: Ask['kind'];
  /** Set where there was a choice. */
  chosen?: Chosen;
  /** It was asked to learn of it, not because it was believed best: nothing is known of it yet, or others are believed better. */
  exploring?: boolean;
  /** More than one: it was asked as one of so many. */
  panel?: number;
  /** Those who could have been asked, in the order of the choice, with their figures. */
  ranked: (Candidate & { score?: number })[];
  /** Those who could not, and why. */
  cut: { agent: string; why: string }[];
  /** How many each gate of the site refused before. */
  refused: Record<string, number>;
  /** What rules and beliefs were read from. */
  signals?: string[];
  end?: 'answered' | 'failed' | 'stopped';
  fault?: FaultData;
  tookMs?: number;
}

export interface Explained {
  run: string;
  step: string;
  skill: string;
  prefer: unknown;
  out?: string;
  /** What it failed with. */
  fault?: FaultData;
  tries: ExplainedTry[];
  /** Where it has declared ways: those it went by, one after the other. */
  ways?: ExplainedWay[];
}

/** Of the steps that there are, so many are named where one is not there. */
const SHOWN_STEPS = 10;

export async function explainChoice(store: Store, run: string, id: string): Promise<Explained> {
  const tries: ExplainedTry[] = [];
  const ways: (ExplainedWay & { of: string })[] = [];
  const asked = new Set<string>();
  // Steps inside of a settled one leave the state: the step is kept as it was seen last.
  const seen: { step?: StepState } = {};
  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      state.at = turn.at;
      for (const event of turn.events) {
        if (event.type === 'attempt.begun') note(state, event);
        if (event.type === 'attempt.ended') end(state, event);
        if (event.type === 'way.taken') noteWay(state, event);
        if (event.type === 'undo.ended') noteUndo(ways, event);
        fold(state, event);
        if (event.type === 'step.asked') asked.add(event.step);
        seen.step = state.steps.get(presentId(state, id)) ?? seen.step;
      }
      return true;
    },
  });
  if (state.phase === 'new') throw new Fault('not-found', `there is no run ${run}`);
  if (seen.step === undefined) {
    const all = [...asked];
    const some = all.slice(0, SHOWN_STEPS).join(', ');
    const more = all.length > SHOWN_STEPS ? ', ...' : '';
    throw new Fault('not-found', `run ${run} has no step '${id}'; it has: ${some}${more}`, {
      detail: { run, step: id },
    });
  }
  const { id: now, spec, out, fault } = seen.step;
  const isMine = (of: string): boolean => of === now || presentId(state, of) === now;
  const mine = tries.filter((one) => isMine(stepOf.get(one)!));
  const skill = mine[0]?.skill ?? spec.skill ?? '';
  const explained: Explained = { run, step: now, skill, prefer: spec.prefer ?? state.prefer, out, fault, tries: mine };
  if (spec.alternatives !== undefined) explained.ways = ways.flatMap(({ of, ...way }) => (isMine(of) ? [way] : []));
  return explained;

  function noteWay(state: RunState, event: EventOf<'way.taken'>): void {
    const step = state.steps.get(event.step);
    if (step !== undefined) ways.push({ of: event.step, ...explainedWay(step, event, state.at) });
  }

  function note(state: RunState, event: EventOf<'attempt.begun'>): void {
    const step = state.steps.get(event.step);
    if (step === undefined) return;
    const one = tryOf(state, step, event);
    stepOf.set(one, event.step);
    tries.push(one);
  }

  function end(state: RunState, { step, n, fault, late }: EventOf<'attempt.ended'>): void {
    const one = tries.findLast((t) => stepOf.get(t) === step && t.n === n);
    if (one === undefined) return;
    one.end =
      fault === undefined ? 'answered' : late === true && fault.code === 'step.cancelled' ? 'stopped' : 'failed';
    if (fault !== undefined) one.fault = fault;
    one.tookMs = state.at - one.atMs;
  }
}

const stepOf = new WeakMap<ExplainedTry, string>();

/** What it decided on is still there: the state just before the attempt began. */
function tryOf(state: RunState, step: StepState, event: EventOf<'attempt.begun'>): ExplainedTry {
  const panel = step.panel?.length ?? 1;
  const { routed, cut, refused } = eligible(state, step, panel);
  const view = step.view;
  // Those asked beside it are no reason against anybody.
  const beside = cut.filter(({ agent }) => event.why === 'panel' && step.panel?.includes(agent));
  const left = { ...refused };
  for (const { why } of beside) if (--left[why]! <= 0) delete left[why];
  const one: ExplainedTry = {
    n: event.n,
    agent: event.agent,
    skill: goalSkill(step, event.lesser),
    atMs: state.at,
    ranked: routed.map(({ candidate, chosen }) =>
      chosen === undefined ? candidate : Object.assign({}, candidate, { score: chosen.score }),
    ),
    cut: cut.filter((one) => !beside.includes(one)),
    refused: left,
  };
  if (event.ask !== undefined && event.ask.kind !== 'answer') one.asked = event.ask.kind;
  if (event.why !== undefined) one.why = event.why;
  if (panel > 1) one.panel = panel;
  if (event.chosen !== undefined) {
    one.chosen = event.chosen.by === 'rule' ? ruledBy(event.chosen, view) : event.chosen;
    if (isExploring(one, one.chosen, view?.choose?.explore ?? 0)) one.exploring = true;
  }
  if (view?.choose?.signals !== undefined) one.signals = view.choose.signals;
  return one;
}

/** The event may name one that applied beside the one that decided. */
function ruledBy({ rule: _, ...chosen }: Chosen, view: StepState['view']): Chosen {
  const ruling = decider(view?.choose ?? {}, view?.candidates ?? []);
  return ruling === undefined ? { ...chosen, by: 'learned' } : { ...chosen, rule: ruling.rule };
}

/**
 * The event says only that others are believed better. Who was never tried is believed to be as one thinks of strangers:
 * to ask it is to learn of it, however high that is.
 */
function isExploring({ agent, ranked, panel }: ExplainedTry, chosen: Chosen, explore: number): boolean {
  if (explore === 0 || chosen.of < 2 || chosen.remembered !== undefined) return false;
  // Of a panel others are asked too, whoever is believed better.
  if (chosen.explored === true) return panel === undefined;
  const tries = ranked.find((candidate) => candidate.agent === agent)?.tries ?? 0;
  return chosen.by === 'learned' && Math.round(tries) === 0;
}
