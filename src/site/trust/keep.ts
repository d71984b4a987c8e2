/**
 * What is believed of agents, kept as a journal of its own: the stream `site/trust`, one event for every checked
 * outcome, with who said so. Trust is its fold, so it can be audited, and made again by anybody who has it.
 *
 * K1  It is an ended stream from the start: no worker claims it, and it is no run.
 * K2  Workers append at its head; who finds it moved reads on and appends again. An outcome said twice under one id
 *     counts once.
 * K3  A run sees trust only as figures on its journaled candidates.
 * K4  Answers that nobody checked are looked at by each worker for itself, and are not kept: only that an agent was
 *     found changed by them is, so that all suspend it, and it can be read why.
 */
import { type Chance, type Clock, Fault, type Json } from '../../base/index.ts';
import {
  chainStart,
  type Changed,
  type Checked,
  decodeRecord,
  encodeRecord,
  figuresOf,
  foldChanged,
  foldChecked,
  foldUnchecked,
  JOURNAL_FORMAT,
  newTrust,
  type Principal,
  type TrustFigures,
  type Turn,
  type Unchecked,
} from '../../model/index.ts';
import type { Membership, Store } from '../../ports/store/index.ts';

export const TRUST_STREAM = 'site/trust';
const CHECKED = 'checked';
const CHANGED = 'changed';
/** Who says that an agent has changed. */
const WATCH: Principal = { id: 'watch', rights: [] };
/** Records read at a time. */
const PAGE = 256;
/** Others that append at the same moment are let pass so often. */
const MAX_TRIES = 16;

export interface TrustBook {
  /** Keeps an outcome; false: it was known already. */
  note(id: string, row: Checked, by: Principal): Promise<boolean>;
  /** Answers of which nobody knows the right one: whoever suddenly contradicts what others are sure of is suspended. */
  watch(row: Unchecked): Promise<void>;
  /** Whether an outcome was kept under this id. */
  knows(id: string): boolean;
  /** Reads what others kept. */
  refresh(): Promise<void>;
  /** As of the last reading. */
  figures(skill: string): ReadonlyMap<string, TrustFigures>;
  skills(): string[];
  /** The outcomes that count, the oldest first. */
  outcomes(skill: string): readonly Checked[];
  onChange(call: () => void): void;
  /** Every checked outcome that is read from now on, whoever said it. */
  onOutcome(call: (id: string, row: Checked) => void): void;
}

export interface TrustOptions {
  store: Store;
  membership: Membership;
  clock: Clock;
  chance: Chance;
}

export function createTrustBook({ store, membership, clock, chance }: TrustOptions): TrustBook {
  const trust = newTrust();
  const heard = new Set<string>();
  const named = new Set<string>();
  const watchers: (() => void)[] = [];
  const hearers: ((id: string, row: Checked) => void)[] = [];
  let head = 0;

  async function refresh(): Promise<void> {
    const before = head;
    for (;;) {
      const page = await store.read(TRUST_STREAM, { from: head, limit: PAGE });
      const fresh = page.filter((record) => record.seq >= head);
      if (fresh.length === 0) break;
      for (const record of fresh) {
        for (const { events } of decodeRecord(record))
          for (const event of events) if (event.type === 'signal.received') take(event.signal, event.id, event.data);
        head = record.seq + record.count;
      }
    }
    if (head !== before) for (const watcher of watchers) watcher();
  }

  function take(signal: string, id: string, data: Json | undefined): void {
    if (heard.has(id) || data === undefined) return;
    heard.add(id);
    if (signal === CHANGED) return foldChanged(trust, data as unknown as Changed);
    const row = data as unknown as Checked;
    named.add(row.skill);
    foldChecked(trust, row);
    for (const hearer of hearers) hearer(id, row);
  }

  async function append(turn: Turn): Promise<boolean> {
    const info = await store.info(TRUST_STREAM);
    const at = info?.head ?? 0;
    const epoch = info?.epoch ?? 1;
    const record = encodeRecord([turn], at, epoch, info?.hash ?? chainStart(TRUST_STREAM), chance);
    const create = { needs: '', format: JOURNAL_FORMAT, meta: '{"site":"trust"}', createdMs: clock.nowMs() };
    const one = { stream: TRUST_STREAM, epoch, expectedHead: at, record };
    const [result] = await membership.commit([info === null ? { ...one, create, status: 'ended' } : one], true);
    return result?.ok === true;
  }

  async function keep(signal: string, id: string, data: object, by: Principal): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await refresh();
      if (heard.has(id)) return false;
      const event = { type: 'signal.received' as const, signal, id, by, data: data as Json };
      if (await append({ at: clock.nowMs(), in: 'signal', events: [event] })) {
        await refresh();
        return true;
      }
    }
    throw new Fault('store.busy', 'others keep outcomes faster than this one can; again shortly');
  }

  return {
    note: (id, row, by) => keep(CHECKED, id, row, by),
    async watch(row) {
      for (const changed of foldUnchecked(trust, row)) {
        for (const watcher of watchers) watcher();
        await keep(CHANGED, `changed/${changed.agent}/${changed.skill}/${changed.times}`, changed, WATCH);
      }
    },
    knows: (id) => heard.has(id),
    refresh,
    figures: (skill) => figuresOf(trust, skill),
    skills: () => [...named].sort(),
    outcomes: (skill) => trust.skills[skill.split('/')[0]!]?.rows ?? [],
    onChange(call) {
      watchers.push(call);
    },
    onOutcome(call) {
      hearers.push(call);
    },
  };
}
