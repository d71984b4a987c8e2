/** What panels made of their answers, with the names and answers for which the journal has numbers. */
import type { Json } from '../base/index.ts';
import {
  addAmounts,
  type Amounts,
  type Event,
  type EventOf,
  fold,
  presentId,
  type TrustFigures,
} from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { loadRun } from './load.ts';
import { moveNamed } from './names.ts';

export interface ToldVote {
  n: number;
  agent: string;
  answer?: Json;
  for: boolean;
  weight: number;
  /** Why it weighs what it does, or is no vote. */
  why?: string;
  /** What checked outcomes said of the agent when the panel was opened. */
  record?: Pick<TrustFigures, 'p' | 'low' | 'n'>;
}

export interface ToldVerdict {
  by?: string;
  /** The equality that answers were compared by. */
  equal?: string;
  /** None = no verdict. */
  chosen?: { n: number; agent: string; answer?: Json };
  /** Believed probability of being right. */
  belief?: number;
  margin: number;
  votes: ToldVote[];
  /** What others held instead, the heaviest first. */
  dissent: { answer?: Json; votes: number; weight: number }[];
  /** Whom one would have asked alone; `same`: whether it said what was chosen, where it was asked and something was. */
  single?: { agent: string; n?: number; answer?: Json; same?: boolean };
  asked?: { answers: number; judgements: number };
  spent: Amounts;
  tookMs: number;
  why?: string;
}

interface Panel {
  atMs: number;
  records: Map<string, ToldVote['record']>;
  agents: Map<number, string>;
  answers: Map<number, Json | undefined>;
  spent: Amounts;
}

/** The verdicts of one step, in order: a step has another when it was asked again, or for a lesser goal. */
export async function tellVerdicts(store: Store, run: string, id: string): Promise<ToldVerdict[]> {
  const panels = new Map<string, Panel>();
  const told: { step: string; verdict: ToldVerdict }[] = [];
  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      for (const event of turn.events) {
        fold(state, event);
        const verdict = hear(panels, event, turn.at);
        if (verdict !== undefined) told.push(verdict);
      }
      return true;
    },
  });
  const now = presentId(state, id);
  return told.filter(({ step }) => presentId(state, step) === now).map(({ verdict }) => verdict);
}

function hear(
  panels: Map<string, Panel>,
  event: Event,
  atMs: number,
): { step: string; verdict: ToldVerdict } | undefined {
  if (event.type === 'agree.begun') {
    const records = new Map((event.members ?? []).map(({ agent, trust }) => [agent, trust]));
    return void panels.set(event.step, { atMs, records, agents: new Map(), answers: new Map(), spent: {} });
  }
  if (event.type === 'step.renamed') {
    moveNamed(panels, event);
    return undefined;
  }
  if (event.type === 'attempt.begun') return void panels.get(event.step)?.agents.set(event.n, event.agent);
  if (event.type === 'attempt.ended') {
    const panel = panels.get(event.step);
    if (panel === undefined) return undefined;
    panel.spent = addAmounts(panel.spent, event.cost);
    if (event.fault === undefined) panel.answers.set(event.n, event.data);
    return undefined;
  }
  if (event.type !== 'agree.verdict') return undefined;
  const panel = panels.get(event.step);
  // A long run has many; one that is asked again begins anew.
  panels.delete(event.step);
  return panel === undefined ? undefined : { step: event.step, verdict: verdictOf(event, panel, atMs) };
}

function verdictOf(event: EventOf<'agree.verdict'>, { agents, answers, ...panel }: Panel, atMs: number): ToldVerdict {
  const { by, equal, belief, margin, votes, single, asked, why } = event;
  const sayer = (n: number): { n: number; agent: string; answer?: Json } =>
    withAnswer({ n, agent: agents.get(n) ?? '' }, answers.get(n));
  const verdict: ToldVerdict = {
    margin,
    votes: votes.map((vote) => {
      // A vote may stand for what is not chosen only where something is.
      const one: ToldVote = { ...sayer(vote.n), for: vote.for && event.chosen !== undefined, weight: vote.weight };
      if (vote.why !== undefined) one.why = vote.why;
      const record = panel.records.get(one.agent);
      if (record !== undefined) one.record = { p: record.p, low: record.low, n: record.n };
      return one;
    }),
    dissent: (event.dissent ?? []).map(({ camp, votes: held, weight }) => {
      const founder = votes.find((vote) => vote.camp === camp);
      return withAnswer({ votes: held, weight }, founder === undefined ? undefined : answers.get(founder.n));
    }),
    spent: panel.spent,
    tookMs: atMs - panel.atMs,
  };
  if (by !== undefined) verdict.by = by;
  if (equal !== undefined) verdict.equal = equal;
  if (event.chosen !== undefined) verdict.chosen = sayer(event.chosen);
  if (belief !== undefined) verdict.belief = belief;
  if (asked !== undefined) verdict.asked = asked;
  if (why !== undefined) verdict.why = why;
  if (single !== undefined) {
    verdict.single = single.n === undefined ? { agent: single.agent } : sayer(single.n);
    const vote = votes.find(({ n }) => n === single.n);
    if (vote !== undefined && event.chosen !== undefined) verdict.single.same = vote.for;
  }
  return verdict;
}

function withAnswer<T extends object>(one: T, answer: Json | undefined): T & { answer?: Json } {
  return answer === undefined ? one : { ...one, answer };
}
