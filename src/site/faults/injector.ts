/** Puts faults where the rules say: into agents, the store and doors. It keeps what it put in, to be reported. */
import { type Clock, createSeededChance, type SeededChance } from '../../base/index.ts';
import type { EncodedRecord } from '../../model/index.ts';
import { type Agent, type AgentTrouble, type AgentTroubleKind, withAgentFaults } from '../../ports/agent/index.ts';
import { type StoreCall, type StoreTrouble, withStoreFaults } from '../../ports/store/faults.ts';
import type { Store } from '../../ports/store/index.ts';
import type { FaultPlace, FaultRule, FaultRules } from './rules.ts';

/** One that went wrong on purpose. */
export interface Injected {
  at: FaultPlace;
  kind: AgentTroubleKind;
  agent?: string;
  run?: string;
  step?: string;
  n?: number;
  /** doors: which, and what was asked of it. */
  door?: string;
  call?: string;
  /** doors: what the caller says it is. */
  from?: string;
}

/** What goes wrong with a request at a door. */
export interface DoorTrouble {
  kind: Exclude<AgentTroubleKind, 'wrong'>;
  ms: number;
  /** crash, hang: it was worked before its answer was lost. */
  worked: boolean;
}

export interface DoorPlan {
  /** `call`: method and path; `from`: what the caller says it is. */
  decide(door: string, call: string, from: string): DoorTrouble | undefined;
  wait(ms: number): Promise<void>;
}

export interface Injector {
  agent(agent: Agent): Agent;
  store<S extends Store>(store: S): S;
  readonly door: DoorPlan;
  readonly injected: readonly Injected[];
}

/** Kept to be reported: a campaign that injects more reports the first so many. */
const MAX_KEPT = 1_000_000;

export function createInjector({ seed, rules }: FaultRules, clock: Clock): Injector {
  const begunMs = clock.monotonicMs();
  const chance = createSeededChance(`faults/${seed}`);
  /** By rule and by what it is about: how often a store is asked depends on the machine, and must not shift what becomes of agents. */
  const lots = rules.map(() => new Map<string, SeededChance>());
  const injected: Injected[] = [];
  const note = (one: Injected): void => {
    if (injected.length < MAX_KEPT) injected.push(one);
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

  function lotOf(rule: FaultRule, about: string): SeededChance {
    const i = rules.indexOf(rule);
    let lot = lots[i]!.get(about);
    if (lot === undefined) lots[i]!.set(about, (lot = chance.split(`${i}/${about}`)));
    return lot;
  }

  function isDue(rule: FaultRule, lot: SeededChance): boolean {
    const sinceMs = clock.monotonicMs() - begunMs - rule.afterMs;
    if (sinceMs < 0) return false;
    const at = rule.everyMs === undefined ? sinceMs : sinceMs % rule.everyMs;
    if (rule.forMs !== undefined && at >= rule.forMs) return false;
    // A window of its own is where it is meant to be: within it everything goes wrong, unless said otherwise.
    return lot.yes(rule.probability);
  }

  return {
    injected,
    agent: (agent) =>
      withAgentFaults(agent, {
        wait,
        decide(name, call): AgentTrouble | undefined {
          for (const rule of rules) {
            if (rule.at !== 'agents' && rule.at !== 'tools') continue;
            if (rule.of !== undefined && rule.of !== name) continue;
            if (rule.at === 'tools' && call.effect === 'pure') continue;
            const lot = lotOf(rule, name);
            if (!isDue(rule, lot)) continue;
            const { run, step, attempt: n } = call;
            note({ at: rule.at, kind: rule.kind, agent: name, run, step, n });
            return { kind: rule.kind, ms: rule.ms, worked: lot.yes(0.5) };
          }
          return undefined;
        },
      }),
    store: (store) =>
      withStoreFaults(store, {
        decide({ verb }): StoreTrouble | undefined {
          // Whoever cannot join has no site at all: that is no fault to heal.
          if (verb === 'join' || verb === 'leave') return undefined;
          for (const rule of rules) {
            const lot = lotOf(rule, 'store');
            if (rule.at !== 'store' || !isAbout(rule.kind, verb) || !isDue(rule, lot)) continue;
            note({ at: 'store', kind: rule.kind });
            return storeTrouble(rule, wait, lot.yes(0.5));
          }
          return undefined;
        },
      }),
    door: {
      wait,
      decide(door, call, from) {
        for (const rule of rules) {
          const { of, kind } = rule;
          // Rules are checked: there is no wrong one.
          if (rule.at !== 'doors' || (of !== undefined && of !== door) || kind === 'wrong') continue;
          const lot = lotOf(rule, door);
          if (!isDue(rule, lot)) continue;
          note({ at: 'doors', kind, door, call, from });
          return { kind, ms: rule.ms, worked: lot.yes(0.5) };
        }
        return undefined;
      },
    },
  };
}

const TWICE: ReadonlySet<StoreCall['verb']> = new Set(['commit', 'post', 'read', 'info', 'letters']);

/** Only what is read can come back damaged; only what a store takes twice without harm may be sent twice. */
function isAbout(kind: AgentTroubleKind, verb: StoreCall['verb']): boolean {
  if (kind === 'wrong' || kind === 'malformed' || kind === 'truncated') return verb === 'read';
  return kind !== 'duplicate' || TWICE.has(verb);
}

function storeTrouble(
  { kind, ms }: FaultRule,
  wait: (ms: number) => Promise<void>,
  worked: boolean,
): StoreTrouble | undefined {
  switch (kind) {
    case 'slow':
      return { kind: 'delay', when: 'before', until: wait(ms) };
    case 'hang':
      return { kind: 'hang', worked, until: wait(ms) };
    case 'crash':
      return { kind: 'lose', code: 'store.unreachable' };
    case 'partition':
      return { kind: 'fail', code: 'store.unreachable' };
    case 'flap':
      return { kind: 'fail', code: 'store.busy' };
    case 'rate-limit':
      return { kind: 'fail', code: 'store.busy', afterMs: ms };
    case 'duplicate':
      return { kind: 'twice' };
    case 'wrong':
      return { kind: 'damage', how: otherHeader };
    case 'malformed':
      return { kind: 'damage', how: (record) => ({ ...record, header: 'no JSON' }) };
    case 'truncated':
      return {
        kind: 'damage',
        how: (record) => ({ ...record, header: record.header.slice(0, Math.floor(record.header.length / 2)) }),
      };
    case 'reorder':
      // Rules are checked: there is none of this.
      return undefined;
  }
}

/** It reads well, and says something else: only its place in the chain tells. */
function otherHeader(record: EncodedRecord): EncodedRecord {
  return { ...record, header: record.header.replace('"epoch":', '"epoch":1') };
}
