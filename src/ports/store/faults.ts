/**
 * The fault wrapper: a store whose calls go wrong where a plan says so. It draws no chance and keeps no
 * time: every decision comes from the plan, so the same plan gives the same run.
 */
import { Fault, type FaultCode } from '../../base/index.ts';
import type { EncodedRecord } from '../../model/index.ts';
import type { Append, Membership, Store } from './port.ts';

export type StoreVerb =
  | 'join'
  | 'commit'
  | 'claim'
  | 'due'
  | 'nextDueMs'
  | 'leave'
  | 'post'
  | 'read'
  | 'log'
  | 'info'
  | 'list'
  | 'letters'
  | 'snapshot'
  | 'workers'
  | 'checkpoint'
  | 'erase'
  | 'compact'
  | 'backup'
  | 'markRestored';

export interface StoreCall {
  verb: StoreVerb;
  /** The worker that calls; null for calls to the store itself. */
  worker: string | null;
  /** Counts this wrapper's calls from 1. */
  n: number;
  appends?: readonly Append[];
  barrier?: boolean;
}

export type StoreTrouble =
  /** The worker dies at this call: before it reaches the store, or after it was worked. It is never answered. */
  | { kind: 'crash'; when: 'before' | 'after' }
  /** Worked, but the answer is lost: the caller sees a fault (S5). */
  | { kind: 'lose'; code?: FaultCode }
  /** Not worked: the caller sees this fault. */
  | { kind: 'fail'; code: FaultCode; afterMs?: number }
  /** Not answered until `until` resolves, worked or not; then the caller sees a fault, as adapters give up a call. */
  | { kind: 'hang'; worked: boolean; until: Promise<void> }
  /** Worked twice, as where something on the way sends it again. The first answer counts. */
  | { kind: 'twice' }
  /** Reads only: what is read back is not what was written. */
  | { kind: 'damage'; how(record: EncodedRecord): EncodedRecord }
  /** Worked, or answered, only when `until` resolves. */
  | { kind: 'delay'; when: 'before' | 'after'; until: Promise<void> };

export interface StoreFaultPlan {
  /** What goes wrong at this call; nothing = it works. */
  decide(call: StoreCall): StoreTrouble | undefined;
  /** The worker (null: a caller of the store itself) has crashed; whoever simulates it ends it now. */
  crashed?(worker: string | null): void;
}

/** The same store, with all its own members, gone wrong by plan. */
export function withStoreFaults<S extends Store>(store: S, plan: StoreFaultPlan): S {
  let n = 0;

  /** One call through the plan. `dead`: a dead caller's calls are neither worked nor answered. */
  async function go<T>(call: Omit<StoreCall, 'n'>, dead: Deadness, work: () => Promise<T>): Promise<T> {
    if (dead.is) return await never();
    const trouble = plan.decide({ ...call, n: ++n });
    switch (trouble?.kind) {
      case undefined:
        return await work();
      case 'fail':
        throw made(trouble.code, call, 'before it was worked', trouble.afterMs);
      case 'lose':
        await work();
        throw made(trouble.code ?? 'store.io', call, 'after it was worked');
      case 'hang':
        if (trouble.worked) await work();
        await trouble.until;
        throw made('store.unreachable', call, 'and gave no answer');
      case 'twice': {
        const result = await work();
        await work();
        return result;
      }
      case 'damage': {
        const result = await work();
        return Array.isArray(result) ? (result.map(trouble.how) as T) : result;
      }
      case 'crash':
        if (trouble.when === 'before') return await crash(call, dead);
        await work();
        return await crash(call, dead);
      case 'delay': {
        if (trouble.when === 'before') await trouble.until;
        if (dead.is) return await never();
        const result = await work();
        if (trouble.when === 'after') await trouble.until;
        return result;
      }
    }
  }

  async function crash(call: Omit<StoreCall, 'n'>, dead: Deadness): Promise<never> {
    dead.is = true;
    plan.crashed?.(call.worker);
    return await never();
  }

  function wrapMember(member: Membership): Membership {
    const { worker } = member;
    const dead: Deadness = { is: false };
    return {
      ...member,
      commit: (appends, barrier) =>
        go({ verb: 'commit', worker, appends, barrier }, dead, () => member.commit(appends, barrier)),
      claim: (request) => go({ verb: 'claim', worker }, dead, () => member.claim(request)),
      due: (nowMs, limit) => go({ verb: 'due', worker }, dead, () => member.due(nowMs, limit)),
      nextDueMs: () => go({ verb: 'nextDueMs', worker }, dead, () => member.nextDueMs()),
      watch: (call) => member.watch(() => void (dead.is || call())),
      leave: () => go({ verb: 'leave', worker }, dead, () => member.leave()),
    };
  }

  const plain =
    <A extends unknown[], T>(verb: StoreVerb, work: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      go({ verb, worker: null }, { is: false }, () => work(...args));
  return {
    ...store,
    join: async (worker) => wrapMember(await go({ verb: 'join', worker }, { is: false }, () => store.join(worker))),
    post: plain('post', store.post),
    read: plain('read', store.read),
    log: plain('log', store.log),
    info: plain('info', store.info),
    list: plain('list', store.list),
    letters: plain('letters', store.letters),
    snapshot: plain('snapshot', store.snapshot),
    workers: plain('workers', store.workers),
    checkpoint: plain('checkpoint', store.checkpoint),
    erase: plain('erase', store.erase),
    compact: plain('compact', store.compact),
    backup: plain('backup', store.backup),
    markRestored: plain('markRestored', store.markRestored),
  };
}

interface Deadness {
  is: boolean;
}

const never = (): Promise<never> => new Promise(() => {});

function made(code: FaultCode, { verb, worker }: Omit<StoreCall, 'n'>, when: string, afterMs?: number): Fault {
  return new Fault(code, `made by the plan: ${verb}${worker === null ? '' : ` of ${worker}`} failed ${when}`, {
    afterMs,
    detail: { made: true },
  });
}
