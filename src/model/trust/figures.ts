/** Figures: what the checked rows of a skill say of each agent, as a run is told them. */
import type { TrustFigures } from '../agreement.ts';
import { clustersOf } from './clusters.ts';
import { fitWeights } from './fit.ts';
import { chanceOf, PRIOR_OUTCOMES, recordsOf } from './records.ts';
import { type SkillTrust, wholeOf } from './words.ts';

export type FiguresOf = (skill: string) => ReadonlyMap<string, TrustFigures>;

/** One-sided 90%. */
const LOW = 1.28;
/** Rows below which weights are not fitted: each agent then has only its own record. */
const FEW_ROWS = 12;
const DIGITS = 4;

/** Makes figures for every part of one skill; the fit is made once. */
export function createFigures(trust: SkillTrust): FiguresOf {
  const records = recordsOf(trust.rows);
  const clusters = clustersOf(records);
  const fit = records.rows.length < FEW_ROWS ? undefined : fitWeights(records);
  const made = new Map<string, ReadonlyMap<string, TrustFigures>>();

  function make(skill: string): ReadonlyMap<string, TrustFigures> {
    const weights = fit?.weights(skill);
    const figures = new Map<string, TrustFigures>();
    for (const [i, agent] of records.agents.entries()) {
      const n = records.all[i]!;
      const p = chanceOf(records, i, skill);
      const one: TrustFigures = {
        p: round(p),
        low: round(Math.max(0, p - LOW * Math.sqrt((p * (1 - p)) / (n + PRIOR_OUTCOMES)))),
        n: round(n),
        collide: round(records.collide),
      };
      if (weights !== undefined) {
        one.weight = round(weights[i]!);
        one.unsaid = round(fit!.unsaid);
      }
      const cluster = clusters.get(agent);
      if (cluster !== undefined) {
        one.cluster = cluster.name;
        one.rho = round(cluster.rho);
      }
      if (trust.drift[agent]?.since !== undefined) one.suspended = true;
      figures.set(agent, one);
    }
    return figures;
  }

  return (skill) => {
    // A part nobody was checked at is believed as the whole.
    const known = records.parts.has(skill) ? skill : wholeOf(skill);
    let figures = made.get(known);
    if (figures === undefined) made.set(known, (figures = make(known)));
    return figures;
  };
}

function round(x: number): number {
  return Math.round(x * 10 ** DIGITS) / 10 ** DIGITS;
}
