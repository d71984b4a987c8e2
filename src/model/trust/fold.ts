/** The fold: checked outcomes and unchecked answers in, trust out. */
import { type TrustFigures, unsaidAmong } from '../agreement.ts';
import { newDrift, noteAgreement, noteChecked, suspend } from './drift.ts';
import { createFigures, type FiguresOf } from './figures.ts';
import { recordsOf } from './records.ts';
import {
  type Changed,
  type Checked,
  MAX_ROWS,
  type SkillTrust,
  type TrustState,
  type Unchecked,
  wholeOf,
} from './words.ts';

/** The others must be believed so much for their word to be a measure. */
const SURE = 0.6;
/** Others err alike, so that their votes count for half. */
const ERR_ALIKE = 0.5;

const made = new WeakMap<SkillTrust, { revision: number; figures: FiguresOf }>();

/** What is believed of every agent with a record at this skill. */
export function figuresOf(state: TrustState, skill: string): ReadonlyMap<string, TrustFigures> {
  const trust = state.skills[wholeOf(skill)];
  if (trust === undefined) return new Map();
  let known = made.get(trust);
  if (known?.revision !== trust.revision) {
    known = { revision: trust.revision, figures: createFigures(trust) };
    made.set(trust, known);
  }
  return known.figures(skill);
}

export function foldChecked(state: TrustState, row: Checked): void {
  const trust = skillOf(state, row.skill);
  const records = recordsOf(trust.rows);
  for (const [agent, camp] of Object.entries(row.said)) {
    if (camp < 0) continue;
    const drift = (trust.drift[agent] ??= newDrift());
    const since = drift.since?.n ?? 0;
    if (noteChecked(drift, camp === row.right, records, agent, row.skill) === 'another') forget(trust, agent, since);
  }
  trust.rows.push(row);
  if (trust.rows.length > MAX_ROWS) trust.rows.splice(0, trust.rows.length - MAX_ROWS);
  trust.revision++;
}

/** All but the last so many checked outcomes of one agent. */
function forget(trust: SkillTrust, agent: string, keep: number): void {
  let seen = 0;
  for (const row of trust.rows.toReversed()) if ((row.said[agent] ?? -1) >= 0 && ++seen > keep) delete row.said[agent];
}

/** Answers whose rightness is not known: they can show that somebody has changed. Those whom these did are given back. */
export function foldUnchecked(state: TrustState, row: Unchecked): Changed[] {
  const changed: Changed[] = [];
  const skill = wholeOf(row.skill);
  const trust = state.skills[skill];
  if (trust === undefined) return changed;
  const figures = figuresOf(state, row.skill);
  const entries = Object.entries(row.said);
  for (const [agent, camp] of entries) {
    const own = figures.get(agent);
    if (own === undefined || camp < 0) continue;
    const others = entries.filter(([other]) => other !== agent && !isKin(figures.get(other), own));
    const top = surest(others, figures);
    if (top === undefined) continue;
    const drift = (trust.drift[agent] ??= newDrift());
    const before = drift.since;
    noteAgreement(drift, camp === top, own.p);
    if (before === drift.since) continue;
    trust.revision++;
    changed.push({ agent, skill, p: own.p, times: drift.times });
  }
  return changed;
}

/** What another found: it is suspended here too. */
export function foldChanged(state: TrustState, { agent, skill, p, times }: Changed): void {
  const trust = skillOf(state, skill);
  const drift = (trust.drift[agent] ??= newDrift());
  if (drift.times >= times) return;
  suspend(drift, p);
  drift.times = times;
  trust.revision++;
}

function isKin(other: TrustFigures | undefined, own: TrustFigures): boolean {
  return other?.cluster !== undefined && other.cluster === own.cluster;
}

/**
 * The camp that the others are sure of, if they are, and if it would still lead without any one of them or any one
 * cluster: else a family that turns would make all others look as if they had.
 */
function surest(said: readonly [string, number][], figures: ReadonlyMap<string, TrustFigures>): number | undefined {
  const scores = new Map<number, number>();
  const voices = new Map<string, { camp: number; weight: number }[]>();
  const heard: TrustFigures[] = [];
  for (const [agent, camp] of said) {
    const trust = figures.get(agent);
    if (trust === undefined || trust.suspended === true || camp < 0) continue;
    heard.push(trust);
    const weight = ownWeight(trust);
    scores.set(camp, (scores.get(camp) ?? 0) + weight);
    const voice = trust.cluster ?? agent;
    voices.set(voice, [...(voices.get(voice) ?? []), { camp, weight }]);
  }
  const top = leader(scores);
  if (top === undefined) return undefined;
  const score = scores.get(top)!;
  let sum = Math.exp((unsaidAmong(heard) ?? 0) - score);
  for (const one of scores.values()) sum += Math.exp(one - score);
  if (1 / sum < SURE) return undefined;
  for (const votes of voices.values()) {
    const without = new Map(scores);
    for (const { camp, weight } of votes) without.set(camp, without.get(camp)! - weight);
    if (leader(without) !== top) return undefined;
  }
  return top;
}

/** From its own record alone: weights fitted together with those left out would say too little. */
function ownWeight({ p, collide }: TrustFigures): number {
  const sure = Math.min(0.98, Math.max(0.02, p));
  return Math.max(0, ERR_ALIKE * (Math.log(sure / (1 - sure)) - Math.log(collide ?? 1)));
}

function leader(scores: ReadonlyMap<number, number>): number | undefined {
  let top: number | undefined;
  for (const [camp, score] of scores) if (top === undefined || score > scores.get(top)!) top = camp;
  return top;
}

function skillOf(state: TrustState, skill: string): SkillTrust {
  return (state.skills[wholeOf(skill)] ??= { rows: [], drift: {}, revision: 0 });
}
