/** Each agent's record over the checked rows: of a skill as a whole, and of each part of it. */
import { type Checked, HALF_LIFE_ROWS } from './words.ts';

export interface Records {
  agents: string[];
  rows: Row[];
  /** Per agent: right and all, older outcomes counting less. */
  right: Float64Array;
  all: Float64Array;
  parts: Map<string, { right: Float64Array; all: Float64Array }>;
  /** The mean of the pool. */
  mean: number;
  /** How often two that are wrong are wrong in the same way. */
  collide: number;
  /** In how many ways one can be wrong: what was said in a row, less the right answer. */
  ways: number;
}

export interface Row {
  part: string;
  /** Camp by agent; -1 = no vote. */
  votes: Int16Array;
  asked: Uint8Array;
  right: number;
  camps: number;
  /** Nothing but these camps can be right. */
  closed: boolean;
  weight: number;
}

/** Outcomes that the pool's mean counts for against an agent's own. */
export const PRIOR_OUTCOMES = 4;
/** Outcomes that an agent's record at the whole skill counts for against its record at a part. */
const PART_PRIOR = 40;
const COLLIDE_PRIOR = 0.41;
const COLLIDE_PAIRS = 20;

export function recordsOf(checked: readonly Checked[]): Records {
  const agents = [...new Set(checked.flatMap((row) => Object.keys(row.said)))].sort();
  const index = new Map(agents.map((agent, i) => [agent, i]));
  const right = new Float64Array(agents.length);
  const all = new Float64Array(agents.length);
  const parts: Records['parts'] = new Map();
  const rows = checked.map((one, i): Row => {
    const votes = new Int16Array(agents.length).fill(-1);
    const asked = new Uint8Array(agents.length);
    const weight = 0.5 ** ((checked.length - 1 - i) / HALF_LIFE_ROWS);
    let part = parts.get(one.skill);
    if (part === undefined) {
      part = { right: new Float64Array(agents.length), all: new Float64Array(agents.length) };
      parts.set(one.skill, part);
    }
    for (const [agent, camp] of Object.entries(one.said)) {
      const a = index.get(agent)!;
      votes[a] = camp;
      if (camp < 0) continue;
      asked[a] = 1;
      const hit = camp >= 0 && camp === one.right ? weight : 0;
      right[a]! += hit;
      all[a]! += weight;
      part.right[a]! += hit;
      part.all[a]! += weight;
    }
    const camps = Math.max(one.right + 1, one.options ?? 0, ...votes.map((camp) => camp + 1));
    const closed = one.options !== undefined;
    return { part: one.skill, votes, asked, right: one.right, camps, closed, weight };
  });
  const sum = all.reduce((a, b) => a + b, 0);
  const mean = (right.reduce((a, b) => a + b, 0) + 1) / (sum + 2);
  return { agents, rows, right, all, parts, mean, collide: collisions(rows), ways: waysOf(rows) };
}

/** Of pairs that are both wrong, how many are wrong in the same way. */
function collisions(rows: readonly Row[]): number {
  let same = COLLIDE_PRIOR * COLLIDE_PAIRS;
  let pairs = COLLIDE_PAIRS;
  for (const { votes, right, weight } of rows) {
    const wrong = new Map<number, number>();
    let n = 0;
    for (const camp of votes) {
      if (camp < 0 || camp === right) continue;
      wrong.set(camp, (wrong.get(camp) ?? 0) + 1);
      n++;
    }
    // A row counts as much as one more agent would: pairs of one row are not independent.
    const share = n > 1 ? weight / n : 0;
    pairs += (share * n * (n - 1)) / 2;
    for (const m of wrong.values()) same += (share * m * (m - 1)) / 2;
  }
  return same / pairs;
}

/** Believed probability of being right, the pool and the whole skill speaking where little is known; a row may be left out. */
export function chanceOf(records: Records, a: number, part: string, without?: Row): number {
  const { right, all, parts, mean } = records;
  const left = without?.asked[a] === 1 ? without.weight : 0;
  const hit = left > 0 && without!.votes[a] === without!.right ? left : 0;
  const whole = (right[a]! - hit + PRIOR_OUTCOMES * mean) / (all[a]! - left + PRIOR_OUTCOMES);
  const own = parts.size > 1 ? parts.get(part) : undefined;
  if (own === undefined) return whole;
  const inPart = without?.part === part;
  return (own.right[a]! - (inPart ? hit : 0) + PART_PRIOR * whole) / (own.all[a]! - (inPart ? left : 0) + PART_PRIOR);
}

function waysOf(rows: readonly Row[]): number {
  let sum = 1;
  let n = 1;
  for (const { camps, weight } of rows) {
    sum += weight * Math.max(1, camps - 1);
    n += weight;
  }
  return sum / n;
}
