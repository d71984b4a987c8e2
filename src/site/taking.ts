/** Takes up what was claimed: loads the run and makes its host. What cannot be taken up is put off. */
import { type Backoff, backoffMs, type Chance, type Clock, Fault, toFault } from '../base/index.ts';
import type { AnyWorkflow } from '../author/index.ts';
import { MAX_CLAIMS } from '../flow/index.ts';
import type { Input } from '../model/index.ts';
import type { Store, StreamInfo } from '../ports/store/index.ts';
import { restoredLetter } from './backup.ts';
import { type Host, newHost } from './host.ts';
import { loadRun } from './load.ts';
import { createSuspects, SUSPECT_CLAIMS } from './suspects.ts';

/** A run that could not be taken up is tried again, ever less often. */
const TAKE_UP_AGAIN: Backoff = { firstMs: 100, factor: 2, maxMs: 60_000 };

export interface TakerOptions {
  name: string;
  store: Store;
  clock: Clock;
  chance: Chance;
  hosts: Map<string, Host>;
  workflows: ReadonlyMap<string, AnyWorkflow>;
  isBeingMade(host: Host): boolean;
  lose(host: Host, fault: Fault): void;
  handle(host: Host, input: Input): void;
  /** The claim is decided: the code may start; `kept`: once it is on disk. */
  begin(host: Host, kept: boolean): void;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

export interface Taker {
  takeUp(info: StreamInfo): Promise<void>;
  isPutOff(run: string): boolean;
  hasPutOff(): boolean;
  /** Lets the next of those begin that wait their turn. */
  look(): void;
}

export function createTaker(options: TakerOptions): Taker {
  const { name, store, clock, chance, hosts, workflows, lose, handle, onTrouble } = options;
  const loading = new Set<string>();
  /** Runs that could not be taken up, and when that is tried again. */
  const putOff = new Map<string, { untilMs: number; times: number }>();

  const suspects = createSuspects({ clock, hosts, takeUp: (info) => takeUp(info, true) });

  /** `alone`: its turn has come. */
  async function takeUp(info: StreamInfo, alone = false): Promise<void> {
    const { stream } = info;
    const before = hosts.get(stream);
    if (before !== undefined) {
      // Still being made here, it was there already, and nobody's.
      const code = options.isBeingMade(before) ? 'conflict' : 'store.fenced';
      lose(before, new Fault(code, `run ${stream} was claimed anew`));
    }
    if (loading.has(stream)) return;
    loading.add(stream);
    try {
      const { state, hash, snapshotAt } = await loadRun(store, stream);
      const { claims = 0 } = state;
      if (!alone && claims >= SUSPECT_CLAIMS && claims + 1 < MAX_CLAIMS && state.quarantine === undefined)
        return suspects.add(info, state);
      const flow = workflows.get(info.needs);
      // Only a restore (or a claim that came to nothing) raises the epoch beside the journal.
      const unheard = info.epoch > state.epoch + 1;
      const restored = unheard ? await restoredLetter(store, stream) : undefined;
      const host = newHost(stream, flow, state, hash, info.epoch, true, snapshotAt);
      hosts.set(stream, host);
      if (restored !== undefined) {
        host.letters = new Set([restored.letter]);
        handle(host, restored);
      }
      handle(host, { in: 'claim', worker: name, epoch: info.epoch });
      // What takes its worker down at once must not do so before its journal says that it was taken up.
      options.begin(host, unheard || claims > 0);
      putOff.delete(stream);
    } catch (thrown) {
      hosts.delete(stream);
      const times = (putOff.get(stream)?.times ?? 0) + 1;
      putOff.set(stream, { times, untilMs: clock.monotonicMs() + backoffMs(TAKE_UP_AGAIN, times, chance.next()) });
      onTrouble(stream, toFault(thrown, 'internal'));
    } finally {
      loading.delete(stream);
    }
  }

  return {
    takeUp: (info) => takeUp(info),
    look: () => suspects.look(),
    isPutOff: (run) => suspects.has(run) || (putOff.get(run)?.untilMs ?? 0) > clock.monotonicMs(),
    hasPutOff: () => putOff.size + suspects.size > 0,
  };
}
