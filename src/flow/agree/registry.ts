/**
 * Protocols by name. The recommended ones are here from the start; others (the laboratory's) are added by whoever
 * offers them, before runs that name them are worked or replayed.
 */
import { Fault } from '../../base/index.ts';
import { addProtocolShape } from '../../model/index.ts';
import { ahead } from './ahead.ts';
import { auto } from './auto.ts';
import { best } from './best.ts';
import { cascade } from './cascade.ts';
import { majority } from './majority.ts';
import { ranked } from './ranked.ts';
import { weighted } from './weighted.ts';
import type { Protocol } from './protocol.ts';

const known = new Map<string, Protocol>();

export function addProtocol<S>(protocol: Protocol<S>): void {
  const before = known.get(protocol.name);
  if (before !== undefined && before !== (protocol as Protocol))
    throw new Fault('conflict', `a protocol is called '${protocol.name}' already`);
  known.set(protocol.name, protocol);
  addProtocolShape(protocol.name, protocol);
}

export function protocolNamed(name: string): Protocol | undefined {
  return known.get(name);
}

export function protocolNames(): string[] {
  return [...known.keys()];
}

for (const protocol of [best, majority, weighted, ahead, ranked, cascade, auto]) addProtocol(protocol as Protocol);
