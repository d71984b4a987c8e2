/**
 * Fresh figures for runs that compare ways: before an input is decided, what has changed since the run was last told goes
 * in as candidates of its own, so that a way is chosen by what had been observed up to then. Replay finds them journaled.
 *
 * Only what would move a weight is told: a journal grows by figures that changed, not by every call of the site.
 */
import { canonicalJson } from '../../base/index.ts';
import { type Candidate, type CandidatesInput, comparesWays, type Input, type RunState } from '../../model/index.ts';
import type { AgentBook } from '../agents.ts';
import type { Facts } from '../facts/index.ts';
import type { Router } from './router.ts';

export type Fresh = (state: RunState, input: Input) => readonly CandidatesInput[];

/** A time or a sum that is so many times another has moved; a share that differs by so much. */
const MOVED_TIMES = 1.25;
const MOVED_SHARE = 0.05;
/** Skills of a run that are looked at: ways name at most 32 alternatives a step, and runs few such steps. */
const MAX_SKILLS = 256;
const NOTHING: readonly CandidatesInput[] = [];
/** Before these nothing may be said (a take-over begins with its claim), or nothing is chosen by them. */
const NOT_BEFORE: ReadonlySet<Input['in']> = new Set<Input['in']>([
  'candidates',
  'claim',
  'restored',
  'rested',
  'erase',
  'fork',
  'begun',
]);

export function createFresh(options: { agents: AgentBook; facts: Facts; router: Router }): Fresh {
  const { agents, facts, router } = options;
  /** What the site had observed when a run was last looked at. */
  const looked = new WeakMap<RunState, number>();

  return (state, input) => {
    if (NOT_BEFORE.has(input.in) || state.phase !== 'running' || !mayChoose(state, input)) return NOTHING;
    if (looked.get(state) === facts.position) return NOTHING;
    looked.set(state, facts.position);
    const news: CandidatesInput[] = [];
    let left = MAX_SKILLS;
    for (const [skill, view] of state.skills) {
      if (left-- === 0) break;
      const found = candidatesFor(agents, router, skill, true);
      if (hasMoved(view.candidates, found.candidates)) news.push(found);
    }
    return news;
  };
}

/** The facts about a skill as a run is told them, `weighed`: with what was measured. */
export function candidatesFor(agents: AgentBook, router: Router, skill: string, weighed: boolean): CandidatesInput {
  const facts = agents.candidates(skill);
  const candidates = weighed ? facts.candidates.map((one) => router.weighed(one, skill)) : facts.candidates;
  return { in: 'candidates', skill, ...facts, candidates, choice: router.hasChoice(skill) ? true : undefined };
}

function mayChoose(state: RunState, input: Input): boolean {
  if (comparesWays(state)) return true;
  return input.in === 'asked' && input.asks.some((ask) => ask.spec?.alternatives !== undefined);
}

function hasMoved(told: readonly Candidate[], now: readonly Candidate[]): boolean {
  if (told.length !== now.length) return true;
  return told.some((before, i) => {
    const after = now[i]!;
    return (
      before.agent !== after.agent ||
      before.healthy !== after.healthy ||
      hasGrown(before.p50Ms, after.p50Ms) ||
      hasGrown(before.p95Ms, after.p95Ms) ||
      hasGrown(before.money, after.money) ||
      differs(before.health?.reliability ?? 1, after.health?.reliability ?? 1) ||
      differs(before.health?.limited ?? 0, after.health?.limited ?? 0) ||
      (before.price !== after.price && canonicalJson(before.price ?? {}) !== canonicalJson(after.price ?? {}))
    );
  });
}

function hasGrown(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return Math.max(before, after) > MOVED_TIMES * Math.min(before, after);
}

function differs(before: number, after: number): boolean {
  return Math.abs(before - after) >= MOVED_SHARE;
}
