/**
 * What truly happened outside: sinks that count, by what was meant (run, step, input) and not by the
 * key they were given, and a till that adds up what agents were paid.
 */
import { canonicalJson, type Json } from '../../base/index.ts';
import type { EffectClass } from '../../model/index.ts';
import { formerName } from './flows/index.ts';
import { rootOf } from './views.ts';

/** One change at a sink, by what was meant. */
export interface Deed {
  run: string;
  /** By its former name, where it was renamed. */
  step: string;
  skill: string;
  effect: EffectClass;
  keyed: boolean;
  /** How often it took place, and how often it was taken back. */
  done: number;
  undone: number;
  /** The stale owner's calls among them: nobody can stop those at a sink that knows no keys. */
  stale: number;
  keys: Set<string>;
  output: Json;
  /** Its call left before a backup was restored, which may know nothing of it. */
  forgotten: boolean;
  /** Calls sent before this moment are turned away: the sink has said that there was none. */
  closedBefore: number;
}

export interface Truth {
  readonly deeds: ReadonlyMap<string, Deed>;
  find(run: string, step: string, input: Json | undefined): Deed | undefined;
  deed(
    first: Omit<Deed, 'done' | 'undone' | 'stale' | 'keys' | 'closedBefore' | 'forgotten'>,
    input: Json | undefined,
    /** Of a sink that knows what was done by key. */
    key?: string,
  ): Deed;
  withKey(key: string): Deed | undefined;
  /** What a sink that honours keys knows by key. */
  readonly byKey: Map<string, Deed>;
  /** `era`: of when the call left. */
  pay(run: string, call: string, money: number, era: number): void;
  /** The books that were restored are told that the step had not happened: it was taken back after the backup. */
  forget(run: string, step: string): void;
  /** How often a backup was restored: what was paid since that backup is known to nobody, and counts no more. */
  readonly era: number;
  /** Paid by all runs of a tree; a call that was asked again after a crash counts once. */
  paid(root: string): number;
  backedUp(): void;
  /** A backup has taken the place of everything: journals may know nothing of what was done. */
  restored(): void;
}

export function createTruth(): Truth {
  const deeds = new Map<string, Deed>();
  let till: Till = new Map();
  let tillOfBackup: Till = new Map();
  let era = 0;

  function meant(run: string, step: string, input: Json | undefined): string {
    return `${run}|${formerName(step)}|${canonicalJson(input)}`;
  }

  return {
    deeds,
    byKey: new Map(),
    find: (run, step, input) => deeds.get(meant(run, step, input)),
    withKey: (key) => deeds.get(`key ${key}`),
    deed(first, input, key) {
      const id = key === undefined ? meant(first.run, first.step, input) : `key ${key}`;
      let deed = deeds.get(id);
      if (deed === undefined) {
        deed = {
          ...first,
          step: formerName(first.step),
          done: 0,
          undone: 0,
          stale: 0,
          keys: new Set(),
          closedBefore: -1,
          forgotten: false,
        };
        deeds.set(id, deed);
      }
      return deed;
    },
    restored() {
      for (const deed of deeds.values()) deed.forgotten = true;
      era++;
      till = copied(tillOfBackup);
    },
    get era() {
      return era;
    },
    backedUp() {
      tillOfBackup = copied(till);
    },
    pay(run, call, money, from) {
      if (from !== era) return;
      const root = rootOf(run);
      const calls = till.get(root) ?? new Map<string, number>();
      till.set(root, calls.set(`${run}|${call}`, money));
    },
    forget(run, step) {
      const calls = till.get(rootOf(run)) ?? new Map<string, number>();
      for (const call of calls.keys()) if (call.startsWith(`${run}|${formerName(step)}|`)) calls.delete(call);
    },
    paid: (root) => [...(till.get(root)?.values() ?? [])].reduce((sum, money) => sum + money, 0),
  };
}

/** Money by call, by tree of runs. */
type Till = Map<string, Map<string, number>>;

function copied(till: Till): Till {
  return new Map([...till].map(([root, calls]) => [root, new Map(calls)] as const));
}
