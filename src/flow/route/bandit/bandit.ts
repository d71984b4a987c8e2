/**
 * What is believed of each agent at one skill: a contextual bandit's state, without its choice (choose.ts makes that,
 * from what is believed and from what the run's preference is).
 *
 * B1  An agent is believed to be like the others until it has shown otherwise: the prior is the crowd's mean.
 *     What an agent says of itself is no evidence.
 * B2  Evidence fades with an agent's own later tries, and certainty with the time it was not tried: who went
 *     bad is left, who got better is found again.
 * B3  When answers stop fitting what was believed (change.ts), what is believed is a mixture of what was and of an agent
 *     of which only these answers are known; once that is sure, the old evidence goes at once. Answers of all agents
 *     together tell of a shock that changed several at one moment (shock.ts): as likely as that is, all are doubted.
 * B4  Feedback may come late, in any order, or be corrected; a try that never answered is a reward of 0.
 *     Tries that are out make an agent's uncertainty smaller (they will tell) and its mean no better.
 * B5  The state is sums, so that what several workers saw adds up.
 */
import {
  addReward,
  addSums,
  addTry,
  emptied,
  type Features,
  newSums,
  type Posterior,
  posteriorOf,
  predict,
  scaleSums,
  type Sums,
} from './linear.ts';
import { type Doubt, doubtOf, evidenceOf, firstSince, RECENT, type Shaken, sumsOf, type Try } from './change.ts';
import { createForemost } from './foremost.ts';
import { findShock, SHOCK_EVERY, SHOCK_WITHIN, type Shock, voiceOf } from './shock.ts';

export interface BanditOptions {
  /** Feature 0 is always 1: the agent's general level. The others are what it is at this sort of task. */
  dims: number;
  /** Spread of agents' general levels, and of their levels at sorts of tasks around that. */
  levelSd?: number;
  sortSd?: number;
  /** Variance of one reward of an agent that is right half of the time. */
  noise?: number;
  /** What is left of evidence after one more try of the same agent. */
  keep?: number;
  /** Variance that an agent's level gains for each of the skill's tries that went elsewhere. */
  wander?: number;
  /** B3 off: for comparison. */
  alarms?: boolean;
  /** Logarithms of odds: that an agent changed at one of its tries; that several did at one moment. */
  hazard?: number;
  shock?: number;
  /** Of the agents, those that change when several do. */
  shockShare?: number;
  /** So likely, and a change is taken for sure. */
  sure?: number;
}

export interface Arm {
  own: Sums;
  /** Of the skill's clock, when it was last tried. */
  seen: number;
  /** B3: its last tries, and how likely it changed among them. */
  recent: Try[];
  evidence?: Float64Array;
  doubt?: Doubt;
  /** What was thought of a shock when it was doubted so. */
  ofShock?: number;
  /** Of the skill's clock: it was another before. */
  since: number;
  /** What other workers had seen of it when it changed: of before. */
  past?: Sums;
}

export interface Belief {
  mean: number;
  sd: number;
  /** Evidence, in tries. */
  tries: number;
}

/** Chosen on simulated markets of other seeds (`tune-*`, src/lab/market) than the bench's. */
export const DEFAULTS: Required<Omit<BanditOptions, 'dims'>> = {
  levelSd: 0.18,
  sortSd: 0.11,
  noise: 0.22,
  keep: 0.99973,
  wander: 0.6e-6,
  alarms: true,
  hazard: -9,
  shock: -7,
  shockShare: 0.4,
  sure: 0.9,
};
/** Tries of one agent that count towards the crowd: the much used must not drown the others. */
const CROWD_SHARE = 25;
/** Tries that the crowd's level counts for when an agent's own is guessed; the least that rewards vary. */
const LEVEL_TRIES = 4;
const LEAST_NOISE = 0.06;
/** A chance that it changed that is too small to be looked at. */
const NO_DOUBT = 0.02;
/** When nothing more can be learned of it, a change is taken for what is likelier. */
const LIKELIER = 0.5;
const SURE: Doubt = { share: 0, from: 0 };
/** What is believed of anybody before anybody has shown anything, and of an agent with fewer tries than so many. */
const STARTING_LEVEL = 0.6;
const HOPE_TRIES = 8;
/** The crowd is looked at again after so many tries. */
const CROWD_EVERY = 32;

export function newArm(own: Sums, seen: number, since = 0): Arm {
  return { own, seen, recent: [], since };
}

export interface Bandit {
  readonly ticks: number;
  believe(agent: string, x: Features, out?: number): Belief;
  /** The reward of a try: 0 to 1. */
  learn(agent: string, x: Features, reward: number): void;
  /** The reward of a try that was learned already was another. */
  correct(agent: string, x: Features, was: number, is: number): void;
  arms(): IterableIterator<[string, Arm]>;
  /** Of many: those that have shown most, as of when the crowd was last looked at, and those tried since; bounded. */
  foremost(): readonly string[];
  put(agent: string, arm: Arm): void;
  /** What other workers saw: believed, but not ours to keep. */
  others(arms: ReadonlyMap<string, Sums>): void;
  clear(): void;
}

export function createBandit(options: BanditOptions): Bandit {
  const o = { ...DEFAULTS, ...options };
  const arms = new Map<string, Arm>();
  let theirs: ReadonlyMap<string, Sums> = new Map();
  const posteriors = new Map<string, Posterior>();
  const prior = new Float64Array(o.dims).fill(1 / o.sortSd ** 2);
  prior[0] = 1 / o.levelSd ** 2;
  let crowd = startingCrowd(o.dims);
  const nothing = newSums(o.dims);
  /** For sums that are wanted for a moment. */
  const room = newSums(o.dims);
  let unknown: Posterior | undefined;
  let ofUnknown: { from: Posterior; x: Features; is: ReturnType<typeof predict> } | undefined;
  let crowdDue = CROWD_EVERY;
  const foremost = createForemost(o.noise);
  let ticks = 0;
  /** The last shock that is sure, and the tick when it was. */
  let shaken: Shaken | undefined;
  let shakenAt = 0;
  /** What may be one. */
  let shock: Shock | undefined;
  /** Goes up whenever one of the two is another. */
  let shockVersion = 0;
  /** Those tried lately, the longest ago first: who may bear witness to a shock. */
  const lately = new Map<string, Arm>();
  /** Of those that are doubted: what they would be if only their last tries counted. */
  const renewed = new Map<string, Posterior>();

  /** B1. */
  function lookAtCrowd(): void {
    const sum = newSums(o.dims);
    for (const arm of arms.values()) addSums(sum, arm.own, Math.min(1, CROWD_SHARE / Math.max(1, arm.own.n)));
    for (const other of theirs.values()) addSums(sum, other, Math.min(1, CROWD_SHARE / Math.max(1, other.n)));
    crowd = posteriorOf(sum, prior, startingCrowd(o.dims), o.noise).mean;
    posteriors.clear();
    renewed.clear();
    unknown = undefined;
    foremost.rank(arms, crowd[0]!, LEVEL_TRIES);
    crowdDue = ticks + Math.max(CROWD_EVERY, arms.size / 4);
  }

  /** Rewards of who is nearly always right (or wrong) vary little: it is known sooner. */
  function noiseOf({ n, b }: Sums): number {
    const level = (b[0]! + LEVEL_TRIES * crowd[0]!) / (n + LEVEL_TRIES);
    return o.noise * 4 * Math.max(LEAST_NOISE, level * (1 - level));
  }

  /** Of a poor crowd nobody would be tried who costs more than the poor are worth: the new ones get the benefit. */
  function hopeful(): Float64Array {
    const better = crowd.slice();
    better[0] = Math.max(better[0]!, STARTING_LEVEL);
    return better;
  }

  /** What others saw of an agent before it changed counts no more, until they have found that out, too. */
  function theirsOf(agent: string): Sums | undefined {
    const all = theirs.get(agent);
    const past = arms.get(agent)?.past;
    if (all === undefined || past === undefined || all.n < past.n / 2) return all;
    if (all.n <= past.n) return undefined;
    const since = newSums(o.dims);
    addSums(since, all);
    addSums(since, past, -1);
    return since;
  }

  function posterior(agent: string): Posterior {
    const known = posteriors.get(agent);
    if (known !== undefined) return known;
    const [own, other] = [arms.get(agent)?.own, theirsOf(agent)];
    // Those of whom nothing is known are all alike.
    if (own === undefined && other === undefined)
      return (unknown ??= posteriorOf(nothing, prior, hopeful(), noiseOf(nothing)));
    let sums = own ?? other!;
    if (own !== undefined && other !== undefined) {
      sums = newSums(o.dims);
      addSums(sums, own);
      addSums(sums, other);
    }
    const made = posteriorOf(sums, prior, sums.n < HOPE_TRIES ? hopeful() : crowd, noiseOf(sums));
    posteriors.set(agent, made);
    return made;
  }

  /** Of many nothing is known: what is expected of one of them for a task is expected of all. */
  function predicted(from: Posterior, x: Features): ReturnType<typeof predict> {
    if (from !== unknown) return predict(from, x);
    if (ofUnknown?.from !== from || ofUnknown.x !== x) ofUnknown = { from, x, is: predict(from, x) };
    return ofUnknown.is;
  }

  /** B3: of what an agent would be if only its last tries counted. */
  function renewal(agent: string, recent: readonly Try[], from: number): Posterior {
    let made = renewed.get(agent);
    if (made === undefined) {
      const sums = sumsOf(recent, from, o.dims, emptied(room));
      renewed.set(agent, (made = posteriorOf(sums, prior, sums.n < HOPE_TRIES ? hopeful() : crowd, noiseOf(sums))));
    }
    return made;
  }

  function believe(agent: string, x: Features, out = 0): Belief {
    let { mean, variance } = predicted(posterior(agent), x);
    const arm = arms.get(agent);
    const tries = (arm?.own.n ?? 0) + (theirsOf(agent)?.n ?? 0);
    const { share, from } = (arm === undefined ? undefined : doubtFor(agent, arm)) ?? SURE;
    if (share > NO_DOUBT) {
      const anew = predict(renewal(agent, arm!.recent, from), x);
      const apart = anew.mean - mean;
      mean += share * apart;
      variance = (1 - share) * variance + share * anew.variance + share * (1 - share) * apart ** 2;
    }
    // B2: time makes unsure, but never more than knowing nothing.
    const widest = o.levelSd ** 2 + o.sortSd ** 2;
    const aged = Math.min(widest, variance + o.wander * (arm === undefined ? 0 : ticks - arm.seen));
    // B4: each try that is out will tell something.
    const sd = Math.sqrt(1 / (1 / aged + out / o.noise));
    return { mean: Math.min(1, Math.max(0, mean)), sd, tries };
  }

  function evidenceFor(arm: Arm): Float64Array {
    return (arm.evidence ??= evidenceOf(arm.recent, crowd[0]!));
  }

  function doubtAgain(agent: string, arm: Arm): void {
    const before = arm.doubt?.from;
    arm.doubt = doubtOf(arm.recent, evidenceFor(arm), shakenFor(arm), o.hazard);
    arm.ofShock = shockVersion;
    if (arm.doubt.from !== before) renewed.delete(agent);
  }

  /** Of many agents few are looked at: each is doubted anew when it is. */
  function doubtFor(agent: string, arm: Arm): Doubt | undefined {
    if (o.alarms && arm.ofShock !== shockVersion) doubtAgain(agent, arm);
    return arm.doubt;
  }

  /** B3. What the others say of a shock; this one's own tries are held against that, and must not count twice. */
  function shakenFor(arm: Arm): Shaken | undefined {
    if (shock !== undefined) {
      const own = evidenceFor(arm)[firstSince(arm.recent, shock.at)];
      const odds = shock.odds - voiceOf(own, o.shockShare);
      const share = o.shockShare / (1 + Math.exp(-odds));
      if (arm.since < shock.at && share > NO_DOUBT) return { at: shock.at, odds: Math.log(share / (1 - share)) };
    }
    return shaken !== undefined && arm.since < shaken.at ? shaken : undefined;
  }

  /** B3. */
  function lookForShock(): void {
    const from = Math.max(shakenAt + SHOCK_EVERY, ticks - SHOCK_WITHIN);
    const witnesses = [];
    for (const [agent, arm] of lately)
      if (arm.seen < ticks - SHOCK_WITHIN) lately.delete(agent);
      else witnesses.push({ recent: arm.recent, evidence: evidenceFor(arm) });
    const found = findShock(witnesses, from, ticks, { shock: o.shock, hazard: o.hazard, share: o.shockShare });
    const chance = 1 / (1 + Math.exp(-found.odds));
    if (shock !== undefined || chance > NO_DOUBT) shockVersion++;
    shock = chance > NO_DOUBT ? found : undefined;
    if (chance > o.sure) {
      shaken = { at: found.at, odds: Math.log(o.shockShare / (1 - o.shockShare)) };
      // What follows of it is found one by one; another so soon could not be told from it.
      shakenAt = ticks + SHOCK_WITHIN;
      shock = undefined;
    }
  }

  /** All tries that are remembered were made after the shock: one more, and what it was before cannot be compared. */
  function isLastLook({ recent, since }: Arm): boolean {
    if (shaken === undefined || since >= shaken.at || recent.length < RECENT) return false;
    return firstSince(recent, shaken.at) === 1;
  }

  /** B3: it is another now. */
  function changed(agent: string, arm: Arm): void {
    arm.recent = arm.recent.slice(arm.doubt!.from);
    arm.evidence = undefined;
    arm.since = arm.recent[0]?.at ?? ticks;
    arm.doubt = undefined;
    arm.own = sumsOf(arm.recent, 0, o.dims);
    arm.past = theirs.get(agent);
    renewed.delete(agent);
  }

  return {
    get ticks() {
      return ticks;
    },
    believe,
    learn(agent, x, reward) {
      ticks++;
      let arm = arms.get(agent);
      if (arm === undefined) {
        arms.set(agent, (arm = newArm(newSums(o.dims), ticks, ticks)));
        foremost.add(agent);
      }
      const expected = predict(posterior(agent), x).mean;
      // B2: what was added to the uncertainty while it was not tried is taken from the evidence, or one try would
      // restore a certainty of long ago.
      const waited = o.wander * (ticks - arm.seen);
      scaleSums(arm.own, o.keep / (1 + (waited * arm.own.n) / o.noise));
      addTry(arm.own, x, reward);
      arm.seen = ticks;
      if (o.alarms) {
        arm.recent.push({ x, reward, expected, at: ticks });
        if (arm.recent.length > RECENT) arm.recent.shift();
        arm.evidence = undefined;
        lately.delete(agent);
        lately.set(agent, arm);
        if (ticks % SHOCK_EVERY === 0) lookForShock();
        renewed.delete(agent);
        doubtAgain(agent, arm);
        if (arm.doubt!.share > (isLastLook(arm) ? LIKELIER : o.sure)) changed(agent, arm);
      }
      posteriors.delete(agent);
      if (ticks >= crowdDue) lookAtCrowd();
    },
    correct(agent, x, was, is) {
      const arm = arms.get(agent);
      if (arm === undefined || was === is) return;
      addReward(arm.own, x, is - was);
      posteriors.delete(agent);
      const late = arm.recent.findLast((one) => one.x === x && one.reward === was);
      if (late === undefined) return;
      late.reward = is;
      arm.evidence = undefined;
      renewed.delete(agent);
      doubtAgain(agent, arm);
    },
    arms: () => arms.entries(),
    foremost: () => foremost.names(),
    put(agent, arm) {
      arms.set(agent, arm);
      lately.delete(agent);
      crowdDue = ticks;
      foremost.add(agent);
      posteriors.delete(agent);
    },
    others(given) {
      theirs = given;
      lookAtCrowd();
    },
    clear() {
      arms.clear();
      lately.clear();
      lookAtCrowd();
    },
  };
}

/** Before anybody has shown anything: as likely right as not, a little better, so that the untried are tried. */
function startingCrowd(dims: number): Float64Array {
  const start = new Float64Array(dims);
  start[0] = STARTING_LEVEL;
  return start;
}
