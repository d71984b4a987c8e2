/** What is seen of this door's address, in words of our own: who reads the types need not have the protocol's library. */
import type { Principal } from '../../model/index.ts';

export interface Endpoint {
  /** The request must have passed a guard: this is who the guard found. */
  fetch(request: Request, principal: Principal): Promise<Response>;
  /** Tells open subscriptions (2026) what changed. */
  readonly notify: Notifier;
  /** Sessions open (2025). */
  readonly sessions: number;
  close(): Promise<void>;
}

export interface Notifier {
  toolsChanged(): void;
  promptsChanged(): void;
  resourcesChanged(): void;
  resourceUpdated(uri: string): void;
}
