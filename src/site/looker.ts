/**
 * The looker: asks the store for runs that nobody alive holds and for letters that are due, often enough
 * to meet every timer and to take over at once, and ever less often what somebody else will take.
 */
import { type Clock, Fault, toFault } from '../base/index.ts';
import type { AnyWorkflow } from '../author/index.ts';
import { type Input, JOURNAL_FORMAT } from '../model/index.ts';
import type { Delivered, Membership, StreamInfo } from '../ports/store/index.ts';
import type { Host } from './host.ts';

export const LETTERS_AT_ONCE = 500;
/** Loading so many takes some tens of ms, in which others claim theirs: runs that a dead worker left are shared. */
export const CLAIMS_AT_ONCE = 100;
/** Looks for dead owners and due letters at least this often. */
export const LOOK_MS = 50;

export interface LookerOptions {
  membership: Membership;
  clock: Clock;
  hosts: ReadonlyMap<string, Host>;
  workflows: ReadonlyMap<string, AnyWorkflow>;
  /** A claimed run is loaded and held; never throws. */
  takeUp(info: StreamInfo): Promise<void>;
  /** Runs that are put off: the store counts them as ours, and we will come back to them. */
  isPutOff(run: string): boolean;
  hasPutOff(): boolean;
  /** This letter of the run is not to be delivered now. */
  isChoked(run: string, letter: string): boolean;
  post(host: Host, input: Input): void;
  isDraining(): boolean;
  onLooked(): void;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

export interface Looker {
  look(): Promise<void>;
  /** At the latest after so long. */
  planLook(waitMs: number): void;
  /** A host was lost: the store may count its run as ours. */
  lostOne(): void;
  /** The host has taken a letter, on disk. */
  taken(host: Host, letter: string): void;
  stop(): void;
}

export function createLooker(options: LookerOptions): Looker {
  const { membership, clock, hosts, onTrouble } = options;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  /** Looks one after another that found nothing new. */
  let vainLooks = 0;
  let stopLook: (() => void) | undefined;
  let lookAt = Infinity;
  let stopped = false;
  /** The store may count runs as ours that have no host here: a claim's answer was lost, or a host was. */
  let unsure = false;
  let lost = 0;
  /** Letters taken while the store was asked for letters: its answer may still hold them. */
  let takenMeanwhile: [Host, string][] | undefined;

  async function look(): Promise<void> {
    if (stopped) return;
    lookAgain = true;
    looking ??= lookLoop().finally(() => (looking = undefined));
    return looking;
  }

  async function lookLoop(): Promise<void> {
    while (lookAgain && !stopped) {
      lookAgain = false;
      try {
        const nowMs = clock.nowMs();
        let found = 0;
        if (!options.isDraining()) {
          const claimed = await claim(nowMs);
          for (const info of claimed) await options.takeUp(info);
          found += claimed.length;
          if (claimed.length === CLAIMS_AT_ONCE) lookAgain = true;
        }
        takenMeanwhile = [];
        const letters = await membership.due(nowMs, LETTERS_AT_ONCE);
        let taken = 0;
        for (const letter of letters) if (deliver(letter)) taken++;
        if (letters.length === LETTERS_AT_ONCE && taken > 0) lookAgain = true;
        vainLooks = found + taken > 0 ? 0 : vainLooks + 1;
      } catch (thrown) {
        onTrouble(undefined, toFault(thrown, 'store.io'));
      }
      for (const [host, id] of takenMeanwhile ?? []) host.letters?.delete(id);
      takenMeanwhile = undefined;
    }
    options.onLooked();
    await planNextLook();
  }

  async function claim(nowMs: number): Promise<StreamInfo[]> {
    const held = (run: string): boolean => hosts.has(run) || options.isPutOff(run);
    const holds = unsure ? held : undefined;
    const before = lost;
    unsure = true;
    const claimed = await membership.claim({
      has: needs(),
      format: JOURNAL_FORMAT,
      limit: CLAIMS_AT_ONCE,
      nowMs,
      holds,
    });
    // There may be more of them than were asked for.
    unsure = options.hasPutOff() || lost > before || (holds !== undefined && claimed.length === CLAIMS_AT_ONCE);
    return claimed;
  }

  function needs(): string[] {
    return [...options.workflows.keys()];
  }

  function deliver(letter: Delivered): boolean {
    const host = hosts.get(letter.stream);
    if (host === undefined || host.gone || host.letters?.has(letter.id)) return false;
    if (options.isChoked(letter.stream, letter.id)) return false;
    (host.letters ??= new Set()).add(letter.id);
    let input: Input;
    try {
      input = { ...(JSON.parse(letter.body) as Input), letter: letter.id } as Input;
    } catch (thrown) {
      onTrouble(letter.stream, new Fault('journal.broken', `letter ${letter.id} cannot be read`, { cause: thrown }));
      return false;
    }
    options.post(host, input);
    return true;
  }

  async function planNextLook(): Promise<void> {
    let waitMs = LOOK_MS;
    try {
      const dueMs = await membership.nextDueMs();
      const leftMs = dueMs === null ? LOOK_MS : dueMs - clock.nowMs();
      // What is due and was not taken is on its way to disk, or another's to take: ask for it ever less often.
      waitMs = Math.min(LOOK_MS, leftMs > 0 ? leftMs : 2 ** Math.min(vainLooks, 10));
    } catch {
      // The next look says what is wrong.
    }
    planLook(waitMs);
  }

  /** Never later than planned already. */
  function planLook(waitMs: number): void {
    if (stopped) return;
    const at = clock.monotonicMs() + waitMs;
    if (stopLook !== undefined && at >= lookAt) return;
    stopLook?.();
    lookAt = at;
    stopLook = clock.after(waitMs, () => {
      stopLook = undefined;
      void look();
    });
  }

  return {
    look,
    planLook,
    lostOne() {
      lost++;
      unsure = true;
    },
    taken(host, letter) {
      if (takenMeanwhile === undefined) host.letters?.delete(letter);
      else takenMeanwhile.push([host, letter]);
    },
    stop() {
      stopped = true;
      stopLook?.();
    },
  };
}
