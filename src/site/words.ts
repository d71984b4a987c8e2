/**
 * Words of persons and programs to a run: answers to gates, signals. Each has an id, and said twice it counts once.
 *
 * V1  Who has the first run's id reaches the one that carries it on now. A word that a run on the way has heard is no
 *     word to those that came after. A run that has ended for good hears none: who sends one is told.
 * V2  An id stands for one word. Another one under it is refused: else its sender would take it for heard.
 */
import { canonicalJson, type Clock, type Chance, checkId, Fault, freshId, type Json, toJson } from '../base/index.ts';
import {
  decodeRecord,
  type EventOf,
  type Input,
  isErased,
  isGone,
  isHeard,
  presentId,
  type Principal,
  type RunState,
} from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { GateWord, WordId } from './face.ts';
import { driftCommand, openDrifts, openGates } from './gates.ts';
import { isOurs } from './kin.ts';
import { loadRun } from './load.ts';
import type { Worker } from './worker.ts';

type Word = Extract<Input, { in: 'gate' | 'signal' }>;
/** Records of a journal read at once when a word is looked for in it. */
const PAGE = 256;
/** Words said again are said soon. An older one is taken for the same, rather than hold up the site with a long journal. */
const MAX_LOOKED_AT = 20_000;

export interface WordsOptions {
  store: Store;
  clock: Clock;
  chance: Chance;
  worker: Pick<Worker, 'hosts' | 'look'>;
  /** Who speaks where nobody is named. */
  operator: Principal;
}

export interface Words {
  answer(choice: 'approve' | 'edit' | 'deny', run: string, step: string, word?: GateWord): Promise<void>;
  signal(run: string, signal: string, data: unknown, how?: WordId & { by?: Principal }): Promise<void>;
  /** To this very run. */
  send(run: string, letter: string, body: Input): Promise<void>;
  /** The run that hears this word now; undefined: it is heard already. */
  presentRun(run: string, id: string): Promise<string | undefined>;
  say(run: string, letter: string, body: Input): Promise<void>;
}

/** The one of a chain that hears words now. */
interface Present {
  run: string;
  /** For good: no other carries it on. */
  hasEnded: boolean;
}

export function createWords({ store, clock, chance, worker, operator }: WordsOptions): Words {
  async function say(to: string, letter: string, body: Input): Promise<void> {
    await store.post([{ to, id: letter, dueMs: 0, body: JSON.stringify(body) }]);
    await worker.look();
  }

  /** V1. Undefined: the word is heard already. */
  async function presentOf(run: string, id: string, word?: Word): Promise<Present | undefined> {
    const info = await store.info(run);
    if (info === null) throw new Fault('not-found', `there is no run ${run}`);
    const live = worker.hosts.get(run)?.state;
    // Another's open run is not read for it, unless the word may have been said before.
    if (live === undefined && info.status === 'open' && word === undefined) return { run, hasEnded: false };
    const state = live ?? (await loadRun(store, run)).state;
    if (isHeard(state, id)) {
      if (word !== undefined) await checkSame(state, word);
      return undefined;
    }
    const { next, phase } = state;
    // The next one is begun before this one has ended, and may not be there yet: what has its id is another's.
    if (next !== undefined && (await store.info(next)) !== null)
      if (phase === 'ended' || (await isOurs(store, state, next))) return presentOf(next, id, word);
    return { run, hasEnded: phase === 'ended' };
  }

  /** V2. A word on its way is as good as heard: the first of an id is the one that arrives. */
  async function sayOnce(to: string, letter: string, word: Word, isOwn: boolean): Promise<void> {
    if (!isOwn) return say(to, letter, word);
    const waiting = async (): Promise<boolean> => {
      const one = (await store.letters(to)).find(({ id }) => id === letter);
      if (one !== undefined && !isSame(JSON.parse(one.body) as Word, word, undefined)) throw usedBefore(word);
      return one !== undefined;
    };
    if (await waiting()) return;
    await say(to, letter, word);
    // Said by two at once, one of them has lost.
    if (await waiting()) return;
    const state = worker.hosts.get(to)?.state;
    if (state !== undefined && isHeard(state, word.id)) await checkSame(state, word);
  }

  async function checkSame(state: RunState, word: Word): Promise<void> {
    const before = await findWord({ store, clock }, state.run, word.id);
    if (before !== undefined && !isSame(before, word, state)) throw usedBefore(word);
  }

  return {
    say,
    presentRun: async (run, id) => (await presentOf(run, id))?.run,
    async send(run, letter, body) {
      if ((await store.info(run)) === null) throw new Fault('not-found', `there is no run ${run}`);
      return say(run, letter, body);
    },
    async answer(choice, run, step, given = {}) {
      if (given.id !== undefined) checkId(given.id, 'a word');
      const id = given.id ?? freshId('g', clock.nowMs(), chance);
      const { by = operator, reason, attempt } = given;
      const word: Word = { in: 'gate', step, id, choice, by, reason, data: toJson(given.value), letter: '' };
      if (attempt !== undefined) word.attempt = attempt ?? undefined;
      const own = given.id === undefined || given.isNew === true ? undefined : word;
      const present = await presentOf(run, id, own);
      if (present === undefined) return;
      const to = present.run;
      const { state } = await loadRun(store, to);
      if (isHeard(state, id)) return own && checkSame(state, own);
      const gates = openGates(state);
      const now = presentId(state, step);
      if (!gates.some((gate) => gate.step === now)) {
        if (openDrifts(state).some((drift) => drift.step === now))
          throw new Fault('conflict', `'${step}' of run ${to} waits for no answer: its input has changed`, {
            detail: { gates, next: `Decide on it: ${driftCommand(to, now)}` },
          });
        const others = gates.map((gate) => `'${gate.step}'`).join(', ') || 'nothing';
        throw new Fault('conflict', `'${step}' of run ${to} waits for no answer now; waiting: ${others}`, {
          detail: { gates },
        });
      }
      if (
        choice === 'approve' &&
        gates.some((gate) => gate.step === now && gate.asks !== 'unknown' && isGone(state, gate.show))
      )
        throw new Fault(
          'payload.erased',
          `what '${step}' of run ${to} shows was erased: edit it, to say what is to be taken, or deny it`,
          {
            detail: { gates },
          },
        );
      // Nobody said which question is meant: it is the one that the step asks now.
      if (attempt === undefined) word.attempt = state.steps.get(now)?.attempts?.find((a) => a.status === 'unknown')?.n;
      return sayOnce(to, `gate:${id}`, word, own !== undefined);
    },
    async signal(run, signal, data, how = {}) {
      if (how.id !== undefined) checkId(how.id, 'a word');
      const id = how.id ?? freshId('s', clock.nowMs(), chance);
      const word: Word = { in: 'signal', signal, id, by: how.by ?? operator, data: toJson(data), letter: '' };
      const own = how.id === undefined || how.isNew === true ? undefined : word;
      const present = await presentOf(run, id, own);
      if (present === undefined) return;
      const to = present.run;
      if (present.hasEnded)
        throw new Fault('conflict', `run ${to} has ended and hears no signal`, { detail: { run: to } });
      await sayOnce(to, `signal:${id}`, word, own !== undefined);
    },
  };
}

function usedBefore({ id }: Word): Fault {
  return new Fault('conflict', `the id '${id}' was used for another word to this run: give each word one of its own`, {
    detail: { id },
  });
}

type Said = Pick<Word, 'by'> & { data?: Json } & (
    | { signal: string }
    | { step: string; choice: string; attempt?: number; reason?: string }
  );

/** Which attempt is meant may have been found out here, at another time. */
function isSame(before: Said, word: Word, state: RunState | undefined): boolean {
  if (before.by.id !== word.by.id || !sameData(before.data, word.data)) return false;
  if (word.in === 'signal') return 'signal' in before && before.signal === word.signal;
  if (!('choice' in before) || before.choice !== word.choice || before.reason !== word.reason) return false;
  const now = (step: string): string => (state === undefined ? step : presentId(state, step));
  if (now(before.step) !== now(word.step)) return false;
  return word.attempt === undefined || before.attempt === word.attempt;
}

/** What was erased since is taken for the same: nobody can tell. */
function sameData(before: Json | undefined, data: Json | undefined): boolean {
  return isErased(before) || canonicalJson(before ?? null) === canonicalJson(data ?? null);
}

/** What a journal has under this id; undefined where that part of it is compacted, or long ago. */
async function findWord(
  { store, clock }: Pick<WordsOptions, 'store' | 'clock'>,
  run: string,
  id: string,
): Promise<EventOf<'gate.answered'> | EventOf<'signal.received'> | undefined> {
  const head = (await store.info(run))?.head ?? 0;
  for (let from = Math.max(0, head - MAX_LOOKED_AT); from < head;) {
    const records = await store.read(run, { from, limit: PAGE });
    for (const record of records)
      for (const { events } of decodeRecord(record))
        for (const event of events)
          if ((event.type === 'gate.answered' || event.type === 'signal.received') && event.id === id) return event;
    const last = records.at(-1);
    if (last === undefined) return undefined;
    from = last.seq + last.count;
    // The site has others to serve.
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
  return undefined;
}
