/** Figures: what the checked rows of a skill say of each agent, as a run is told them. */
import { logOfWrong, type TrustFigures } from '../agreement.ts';
import { clustersOf } from './clusters.ts';
import { fitWeights } from './fit.ts';
import { chanceOf, PRIOR_OUTCOMES, recordsOf } from './records.ts';
import { type Checked, type SkillTrust, wholeOf } from './words.ts';

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
  const heardRows = heardOf(trust);
  const heard = heardRows === trust.rows ? records : recordsOf(heardRows);
  const place = new Map(heard.agents.map((agent, i) => [agent, i]));
  const fit = heard.rows.length < FEW_ROWS ? undefined : fitWeights(heard);
  const made = new Map<string, ReadonlyMap<string, TrustFigures>>();

  function make(skill: string): ReadonlyMap<string, TrustFigures> {
    const weights = fit?.weights(skill);
    const figures = new Map<string, TrustFigures>();
    let silence = 0;
    for (const [i, agent] of records.agents.entries())
      if (trust.drift[agent]?.since === undefined) silence += logOfWrong(chanceOf(records, i, skill));
    for (const [i, agent] of records.agents.entries()) {
      const n = records.all[i]!;
      const p = chanceOf(records, i, skill);
      const one: TrustFigures = {
        p: round(p),
        low: round(Math.max(0, p - LOW * Math.sqrt((p * (1 - p)) / (n + PRIOR_OUTCOMES)))),
        n: round(n),
        collide: round(records.collide),
      };
      const suspended = trust.drift[agent]?.since !== undefined;
      if (weights !== undefined) {
        const at = place.get(agent);
        one.weight = suspended || at === undefined ? 0 : round(weights[at]!);
        one.unsaid = round(fit!.unsaid);
        one.silence = round(silence);
      }
      const cluster = clusters.get(agent);
      if (cluster !== undefined) {
        one.cluster = cluster.name;
        one.rho = round(cluster.rho);
      }
      if (suspended) one.suspended = true;
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

/**
 * The rows without what the suspended said: weights fitted beside a voice that is no longer heard would leave to it
 * what now only the others can say.
 */
function heardOf({ rows, drift }: SkillTrust): readonly Checked[] {
  const gone = new Set(Object.keys(drift).filter((agent) => drift[agent]!.since !== undefined));
  if (gone.size === 0) return rows;
  return rows.map((row) => {
    const camps = new Map<number, number>([[-1, -1]]);
    const said: Record<string, number> = {};
    for (const [agent, camp] of Object.entries(row.said)) {
      if (gone.has(agent)) continue;
      // Where the answers there are to choose from are known, a camp that nobody is in is still one.
      if (!camps.has(camp)) camps.set(camp, row.options === undefined ? camps.size - 1 : camp);
      said[agent] = camps.get(camp)!;
    }
    const right = row.options === undefined ? (camps.get(row.right) ?? -1) : row.right;
    return { ...row, said, right };
  });
}

function round(x: number): number {
  return Math.round(x * 10 ** DIGITS) / 10 ** DIGITS;
}
