/**
 * Health: what is observed of agents opens and closes their breakers. A run hears of it as candidates that are
 * healthy or not, and of nothing else: replay needs no breaker.
 */
import type { Clock } from '../../base/index.ts';
import type { AgentBook } from '../agents.ts';
import { type Facts, type Observation, pairKey } from '../facts/index.ts';
import { type Cascade, createCascades } from './cascade.ts';
import {
  begun,
  type Breaker,
  type BreakerOptions,
  BREAKER,
  halfOpened,
  mayAsk,
  newBreaker,
  noted,
  opened,
  type Sign,
} from './breaker.ts';

export interface HealthOptions extends BreakerOptions {
  /** A call that takes this many times the median is slow ... */
  slowTimes?: number;
  /** ... once so many are known, and where it takes longer than this. */
  slowTries?: number;
  slowMs?: number;
}

/** Which call, as its end will be observed. */
export type CallName = Pick<Observation, 'run' | 'step' | 'n'>;

export interface Health {
  /** How long until it may be asked for this; undefined = it may be now. */
  shutMs(agent: string, skill: string): number | undefined;
  /** A call goes out to it: where its breaker is half-open this is the one that may try. */
  begun(agent: string, skill: string, call: CallName): void;
  /** Opens a breaker by force. */
  open(agent: string, skill: string): void;
  /** Reads what was observed before this worker began: a cascade that was going on is broken, once. */
  recall(read: (take: (seen: Observation) => void) => Promise<unknown>): Promise<void>;
  /** Every breaker that is not closed. */
  list(): { agent: string; skill: string; at: Breaker['at']; untilMs: number; opens: number }[];
  stop(): void;
}

const SLOW = { slowTimes: 10, slowTries: 20, slowMs: 1_000 };
/** Faults that say that it is there and minds its rate; nothing is wrong with it. */
const BUSY: ReadonlySet<string> = new Set(['agent.busy', 'overloaded']);
/** Faults that the task is to blame for, or nobody. */
const NOT_ITS: ReadonlySet<string> = new Set([
  'agent.refused',
  'step.cancelled',
  'site.stopped',
  'effect.blocked',
  'budget.spent',
  // It asks for a word, and is well.
  'input.required',
]);
/** What is longer ago is over: of a cascade's past nearly nothing counts any more. */
const RECALL_MS = 120_000;
/** Breakers kept; one that is closed and forgotten begins anew. */
const MAX_BREAKERS = 131_072;

export function createHealth(
  options: HealthOptions & {
    agents: AgentBook;
    facts: Facts;
    clock: Clock;
    /** Failures that keep themselves going were found, and broken by leaving this one in peace. */
    onCascade?(cascade: Cascade, left: string): void;
  },
): Health {
  const { agents, facts, clock } = options;
  const how = { ...BREAKER, ...SLOW, ...known(options) };
  const breakers = new Map<string, Breaker>();
  const timers = new Map<string, () => void>();
  /** Of half-open breakers, the call that tries. */
  const probes = new Map<string, CallName>();

  const cascades = createCascades();
  const stopListening = facts.on({ observed });

  function observed(observation: Observation): void {
    const cascade = cascades.observed(observation);
    if (cascade !== undefined) breakUp(cascade);
    const sign = signOf(observation);
    if (sign === undefined) return release(observation);
    change(observation.agent, observation.skill, (breaker) => noted(breaker, sign, clock.nowMs(), how));
  }

  /** One of the circle is left in peace for a while: what went round has nowhere to go, and the others recover. */
  function breakUp(cascade: Cascade): void {
    const { skill, circle } = cascade;
    const busiest = circle.toSorted((a, b) => facts.load(b) - facts.load(a))[0]!;
    change(busiest, skill, (breaker) => opened(breaker, clock.nowMs(), how));
    options.onCascade?.(cascade, busiest);
  }

  function signOf({ agent, skill, end, code, latencyMs }: Observation): Sign | undefined {
    if (end === 'censored') return undefined;
    if (end === 'failed') return code !== undefined && (BUSY.has(code) || NOT_ITS.has(code)) ? undefined : 'failed';
    const seen = facts.of(agent, skill);
    const isSlow =
      seen?.p50Ms !== undefined &&
      seen.tries >= how.slowTries &&
      latencyMs >= how.slowMs &&
      latencyMs > how.slowTimes * seen.p50Ms;
    return isSlow ? 'slow' : 'well';
  }

  /** A probe that told nothing: the next may try. */
  function release({ agent, skill, run, step, n }: Observation): void {
    const probe = probes.get(pairKey(agent, skill));
    if (probe === undefined || probe.run !== run || probe.step !== step || probe.n !== n) return;
    change(agent, skill, (breaker) => (breaker.probing ? { ...breaker, probing: false } : breaker));
  }

  function change(agent: string, skill: string, make: (breaker: Breaker) => Breaker): void {
    const key = pairKey(agent, skill);
    const before = breakers.get(key) ?? newBreaker();
    const after = make(before);
    if (after === before) return;
    keep(key, after);
    if (!after.probing) probes.delete(key);
    if (after.at === 'open' && (before.at !== 'open' || after.untilMs !== before.untilMs)) {
      timers.get(key)?.();
      // A timer may be a moment early: its own word counts, not the clock's.
      const due = (): void => change(agent, skill, (breaker) => halfOpened(breaker, breaker.untilMs));
      timers.set(key, clock.after(Math.max(0, after.untilMs - clock.nowMs()), due));
    }
    if (mayAsk(after) !== mayAsk(before)) agents.setHealthy(agent, mayAsk(after), skill);
  }

  function keep(key: string, breaker: Breaker): void {
    const isNew = breaker.at === 'closed' && breaker.recent.length === 0;
    breakers.delete(key);
    if (isNew) return;
    breakers.set(key, breaker);
    if (breakers.size <= MAX_BREAKERS) return;
    for (const [oldest, one] of breakers) {
      if (one.at !== 'closed') continue;
      breakers.delete(oldest);
      return;
    }
  }

  return {
    shutMs(agent, skill) {
      const breaker = breakers.get(pairKey(agent, skill));
      if (breaker === undefined || mayAsk(breaker)) return undefined;
      // How long a probe takes nobody knows.
      return breaker.at === 'open' ? Math.max(1, breaker.untilMs - clock.nowMs()) : how.firstMs;
    },
    begun(agent, skill, call) {
      const key = pairKey(agent, skill);
      if (breakers.get(key)?.at !== 'half-open') return;
      probes.set(key, call);
      change(agent, skill, begun);
    },
    async recall(read) {
      const found = new Map<string, Cascade>();
      await read((seen) => {
        if (seen.atMs < clock.nowMs() - RECALL_MS) return;
        // Who has answered since is out of it.
        if (seen.end === 'answered')
          for (const [key, { skill, circle }] of found)
            if (skill === seen.skill && circle.includes(seen.agent)) found.delete(key);
        const cascade = cascades.observed(seen);
        if (cascade !== undefined) found.set([cascade.skill, ...cascade.circle.toSorted()].join('\n'), cascade);
      });
      for (const cascade of found.values()) breakUp(cascade);
    },
    open: (agent, skill) => change(agent, skill, (breaker) => opened(breaker, clock.nowMs(), how)),
    list: () =>
      [...breakers]
        .filter(([, breaker]) => breaker.at !== 'closed')
        .map(([key, { at, untilMs, opens }]) => {
          const [skill = '', agent = ''] = key.split('\n');
          return { agent, skill, at, untilMs, opens };
        }),
    stop() {
      stopListening();
      for (const stop of timers.values()) stop();
      timers.clear();
    },
  };
}

/** Options that were given: an undefined one is none. */
function known(options: HealthOptions): Partial<typeof BREAKER & typeof SLOW> {
  const names = [...Object.keys(BREAKER), ...Object.keys(SLOW)] as (keyof HealthOptions)[];
  return Object.fromEntries(names.filter((n) => options[n] !== undefined).map((n) => [n, options[n]] as const));
}
