/**
 * Runs that may take their worker down (flow/heal/quarantine.ts), at the worker that has them: their code starts only
 * when the journal says that it was taken up; that one of them came to rest is noted; and who set one aside says so.
 */
import { dataToFault, type Fault } from '../base/index.ts';
import type { Input } from '../model/index.ts';
import { type Host, isParked } from './host.ts';

export interface Doubts {
  /** Its code is to start when what it was just told is on disk. */
  startKept(host: Host): void;
  /** Something of it is on disk. */
  kept(host: Host): void;
  forget(host: Host): void;
  /** It was decided; before, it was set aside or not. */
  decided(host: Host, wasAside: boolean): void;
  /** Takes of which nothing came count only until a run waits for others than us. Call it often. */
  look(): void;
  /** The worker stops in good order: none of those it has took it down. */
  stopping(handle: (host: Host, input: Input) => void): void;
}

export interface DoubtsOptions {
  hosts: ReadonlyMap<string, Host>;
  post(host: Host, input: Input): void;
  /** What was decided is written. */
  wake(host: Host): void;
  begin(host: Host): void;
  onTrouble(run: string | undefined, fault: Fault): void;
}

/** It was taken up more than once, and nothing came of it yet. */
export function isDoubted({ state }: Host): boolean {
  return (state.claims ?? 0) > 1 && state.quarantine === undefined;
}

export function createDoubts({ hosts, post, wake, begin, onTrouble }: DoubtsOptions): Doubts {
  const unbegun = new Set<Host>();
  return {
    startKept(host) {
      unbegun.add(host);
      wake(host);
    },
    kept(host) {
      if (unbegun.delete(host)) begin(host);
    },
    forget: (host) => void unbegun.delete(host),
    decided(host, wasAside) {
      const { quarantine } = host.state;
      if (wasAside === (quarantine !== undefined)) return;
      if (quarantine !== undefined) return onTrouble(host.run, dataToFault(quarantine.fault));
      // It goes on as after a take-over: the code asks for all of it again.
      host.releases = [];
      unbegun.add(host);
    },
    look() {
      for (const host of hosts.values())
        if (isDoubted(host) && isParked(host)) post(host, { in: 'rested', why: 'waits' });
    },
    stopping(handle) {
      for (const host of hosts.values()) if (isDoubted(host)) handle(host, { in: 'rested', why: 'stopped' });
    },
  };
}
