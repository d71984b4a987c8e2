/**
 * Beliefs: what was learned of agents, by skill, from what the site observed. Only where there is a choice: a skill
 * that one agent has needs none.
 *
 * L1  A try counts with the features its task had when its candidates were found; without them, for the level alone.
 * L2  An answer counts as right until somebody judges it; a fault of the agent's, and silence until the timeout, as
 *     wrong. A call that was taken back early says nothing.
 */
import type { Bandit, Belief, Features, Sums } from '../../flow/index.ts';
import { addSums, createBandit, newArm, newSums } from '../../flow/index.ts';
import type { Facts, Keeper, Observation } from '../facts/index.ts';
import { isItsFault } from '../facts/index.ts';
import { createSorts, DIMS, featuresOf, type Sorts } from './features.ts';

export interface Beliefs {
  /** Notes what the step's task is like, for when its tries end. */
  task(run: string, step: string, skill: string, names: readonly string[], text: string): Features;
  of(skill: string, agent: string, x: Features, out: number): Belief;
  /** Of those of which something is believed: the foremost and the newest. */
  known(skill: string): readonly string[];
}

/** Tasks under way, and tries that may still be judged: the oldest are forgotten. */
const MAX_NOTED = 20_000;
/** Skills with beliefs: the one that was not used for the longest goes. */
const MAX_SKILLS = 1_000;

interface Skill {
  bandit: Bandit;
  sorts: Sorts;
}

type KeptArm = { n: number; seen: number; a: [number, number][]; b: [number, number][] };
type Kept = Record<string, { sorts: string[]; arms: Record<string, KeptArm> }>;

export function createBeliefs(facts: Facts): Beliefs {
  const skills = new Map<string, Skill>();
  const tasks = new Map<string, Features>();
  /** By run, step and agent: its last try there. */
  const learned = new Map<string, { n: number | undefined; x: Features; reward: number }>();
  const LEVEL: Features = { at: [0], value: [1] };

  function skillOf(name: string): Skill {
    let skill = skills.get(name);
    if (skill === undefined) {
      skill = { bandit: createBandit({ dims: DIMS }), sorts: createSorts() };
      skills.set(name, skill);
      if (skills.size > MAX_SKILLS) dropFirst(skills);
    }
    return skill;
  }

  facts.on({
    observed(o) {
      const skill = skills.get(o.skill);
      if (skill === undefined) return;
      const reward = rewardOf(o);
      if (reward === undefined) return;
      const x = tasks.get(`${o.run}|${o.step}`) ?? LEVEL;
      skill.bandit.learn(o.agent, x, reward);
      note(learned, `${o.run}|${o.step}|${o.agent}`, { n: o.n, x, reward });
    },
    judged(j) {
      const was = learned.get(`${j.run}|${j.step}|${j.agent}`);
      if (was === undefined || (j.n !== undefined && j.n !== was.n)) return;
      const is = Math.min(1, Math.max(0, j.quality));
      skills.get(j.skill)?.bandit.correct(j.agent, was.x, was.reward, is);
      was.reward = is;
    },
  });

  const keeper: Keeper = {
    name: 'beliefs',
    save() {
      const kept: Kept = {};
      for (const [name, { bandit, sorts }] of skills) {
        const arms: Record<string, KeptArm> = {};
        for (const [agent, { own, seen }] of bandit.arms())
          arms[agent] = { n: round(own.n), seen: bandit.ticks - seen, a: sparse(own.a), b: sparse(own.b) };
        kept[name] = { sorts: [...sorts.names], arms };
      }
      return kept;
    },
    load(state) {
      for (const [name, { sorts, arms }] of Object.entries(state as Kept)) {
        const skill = skillOf(name);
        for (const [agent, arm] of Object.entries(arms)) {
          const own = readArm(arm, sorts, skill.sorts);
          const before = [...skill.bandit.arms()].find(([a]) => a === agent)?.[1];
          if (before !== undefined) addSums(own, before.own);
          skill.bandit.put(agent, newArm(own, skill.bandit.ticks));
        }
      }
    },
    clear() {
      for (const { bandit } of skills.values()) bandit.clear();
    },
    others(states) {
      const bySkill = new Map<string, Map<string, Sums>>();
      for (const state of states)
        for (const [name, { sorts, arms }] of Object.entries((state ?? {}) as Kept)) {
          const sums = bySkill.get(name) ?? new Map<string, Sums>();
          bySkill.set(name, sums);
          for (const [agent, arm] of Object.entries(arms)) {
            const one = readArm(arm, sorts, skillOf(name).sorts);
            const sum = sums.get(agent);
            if (sum === undefined) sums.set(agent, one);
            else addSums(sum, one);
          }
        }
      for (const [name, skill] of skills) skill.bandit.others(bySkill.get(name) ?? new Map());
    },
  };
  facts.keep(keeper);

  return {
    task(run, step, skill, names, text) {
      const x = featuresOf(skillOf(skill).sorts, names, text);
      note(tasks, `${run}|${step}`, x);
      return x;
    },
    of: (skill, agent, x, out) => skillOf(skill).bandit.believe(agent, x, out),
    known: (skill) => skills.get(skill)?.bandit.foremost() ?? [],
  };
}

/** L2. */
export function rewardOf(o: Observation): number | undefined {
  if (o.end === 'answered') return 1;
  if (o.end === 'censored') return undefined;
  return isItsFault(o.code) ? 0 : undefined;
}

function note<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > MAX_NOTED) dropFirst(map);
}

function dropFirst(map: Map<string, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

function sparse(of: Float64Array): [number, number][] {
  const kept: [number, number][] = [];
  of.forEach((value, i) => {
    if (value !== 0) kept.push([i, round(value)]);
  });
  return kept;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Places of sorts differ from worker to worker: they are matched by name. */
function readArm(arm: KeptArm, from: readonly string[], to: Sorts): Sums {
  const place = Array.from({ length: DIMS }, (_, i) => {
    const name = i === 0 ? undefined : from[i - 1];
    return name === undefined ? i : to.placeOf(name);
  });
  const sums = newSums(DIMS);
  sums.n = arm.n;
  for (const [i, value] of arm.b) sums.b[place[i]!]! += value;
  for (const [i, value] of arm.a) sums.a[place[Math.floor(i / DIMS)]! * DIMS + place[i % DIMS]!]! += value;
  return sums;
}
