/** A run at a site, from afar. */
import { Fault, isFaultCode } from '../base/fault.ts';
import type { Json } from '../base/json.ts';
import type {
  AnswerOf,
  AnswersOf,
  CallInput,
  ForkWord,
  GateView,
  RunLine,
  RunView,
  StepView,
} from '../model/wire/index.ts';
import { follow, type FollowOptions } from './follow.ts';
import type { Said, Wire } from './wire.ts';

export interface Wish {
  signal?: AbortSignal;
}
export interface Word extends Wish {
  /** Said twice with the same key, it is done once. Default: a fresh one, kept over retries. */
  key?: string;
}
export interface GateAnswer extends Word {
  reason?: string;
  /** On an unknown effect: what the sink answered. */
  value?: Json;
  attempt?: number | null;
}
export type Result = AnswersOf<'runOutput'>[200];

export interface RemoteRun {
  readonly run: string;
  show(how?: Wish): Promise<RunView>;
  /** What it came to, when it has ended. Follows continued runs. */
  result(how?: Wish): Promise<Result>;
  /** Its output; throws the run's fault when it did not complete. */
  output<O = Json>(how?: Wish): Promise<O>;
  /** Its journal from any event on, as it grows, over lost connections; ends with the run. */
  events(how?: FollowOptions): AsyncIterable<RunLine>;
  /** Its journal as it is now. */
  journal(how?: Wish & { after?: number }): AsyncIterable<RunLine>;
  steps(how?: Wish & { step?: string; open?: boolean }): AsyncIterable<StepView>;
  gates(how?: Wish): Promise<GateView[]>;
  approve(step: string, how?: GateAnswer): Promise<void>;
  edit(step: string, value: Json, how?: GateAnswer): Promise<void>;
  deny(step: string, how?: GateAnswer): Promise<void>;
  signal(name: string, data?: Json, how?: Word): Promise<void>;
  cancel(reason: string, how?: Wish): Promise<void>;
  resolveDrift(step: string, choice: 'keep' | 'redo' | 'fork', how?: Wish & { allowEffects?: boolean }): Promise<void>;
  fork(options?: ForkWord, how?: Word): Promise<RemoteRun>;
  diff(other: string, how?: Wish): Promise<AnswerOf<'diffRuns'>>;
  replay(how?: Wish): Promise<AnswerOf<'replayRun'>>;
  verify(how?: Wish): Promise<AnswerOf<'verifyRun'>>;
  /** Erases payloads; returns how many. */
  erase(seqs: number[] | 'all', reason: string, how?: Wish): Promise<number>;
}

/** The site answers at the latest after this; then it is asked again. */
const WAIT_MS = 20_000;
const PAGE = 500;

export function remoteRun(wire: Wire, run: string): RemoteRun {
  const params = { run };
  const answer = async (body: CallInput<'answerGate'>['body'], { signal, key = freshKey() }: Word): Promise<void> => {
    await wire.call('answerGate', { params, body }, { signal, key });
  };

  const self: RemoteRun = {
    run,
    show: (how) => wire.call('showRun', { params }, how),
    async result(how) {
      const said: Said = { ...how, timeoutMs: WAIT_MS * 2 };
      for (;;) {
        const done = await wire.call('runOutput', { params, query: { waitMs: WAIT_MS } }, said);
        if ('outcome' in done) return done;
      }
    },
    async output<O>(how?: Wish) {
      const { outcome, output, fault, run: last } = await self.result(how);
      if (outcome === 'completed') return output as O;
      const code = isFaultCode(fault?.code) ? fault.code : 'step.failed';
      throw new Fault(code, fault?.message ?? `run ${last} was ${outcome}`, { detail: fault?.detail });
    },
    events: (how) => follow(wire, run, how),
    async *journal({ signal, after } = {}) {
      for (let from = after; ;) {
        const page = await wire.call('runJournal', { params, query: { after: from, limit: PAGE } }, { signal });
        yield* page.items;
        if (page.next === undefined) return;
        from = page.next;
      }
    },
    async *steps({ signal, step, open } = {}) {
      for (let cursor: string | undefined; ;) {
        const query = { step, open: open === undefined ? undefined : (`${open}` as const), cursor, limit: PAGE };
        const page = await wire.call('runSteps', { params, query }, { signal });
        yield* page.items;
        if (page.next === undefined) return;
        cursor = page.next;
      }
    },
    gates: async (how) => (await wire.call('runGates', { params }, how)).items,
    approve: (step, { reason, value, attempt, ...how } = {}) =>
      answer({ step, choice: 'approve', reason, value, attempt }, how),
    edit: (step, value, { reason, attempt, ...how } = {}) =>
      answer({ step, choice: 'edit', value, reason, attempt }, how),
    deny: (step, { reason, value, attempt, ...how } = {}) =>
      answer({ step, choice: 'deny', reason, value, attempt }, how),
    async signal(signal, data, { key = freshKey(), ...how } = {}) {
      await wire.call('signalRun', { params, body: { signal, data } }, { ...how, key });
    },
    async cancel(reason, how) {
      await wire.call('cancelRun', { params, body: { reason } }, how);
    },
    async resolveDrift(step, choice, { allowEffects, ...how } = {}) {
      await wire.call('resolveDrift', { params, body: { step, choice, allowEffects } }, how);
    },
    async fork(options = {}, { key = freshKey(), ...how } = {}) {
      const forked = await wire.call('forkRun', { params, body: options }, { ...how, key });
      return remoteRun(wire, forked.run);
    },
    diff: (other, how) => wire.call('diffRuns', { params, query: { with: other } }, how),
    replay: (how) => wire.call('replayRun', { params }, how),
    verify: (how) => wire.call('verifyRun', { params }, how),
    erase: async (seqs, reason, how) => (await wire.call('eraseRun', { params, body: { seqs, reason } }, how)).erased,
  };
  return self;
}

const KEY_BYTES = 16;

export function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
