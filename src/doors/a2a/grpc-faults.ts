/**
 * Faults on purpose at the gRPC binding, as its callers see them: what the HTTP door does to a response is done here to a
 * call. A connection that ends is UNAVAILABLE, for that is what a client makes of one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata } from '@grpc/grpc-js';
import type { DoorPlan, DoorTrouble } from '../../site/faults/index.ts';
import type { A2aGrpc } from './library.ts';

/** A caller that waits for longer than this is let go: nobody has a call for ever. */
const HANG_MS = 300_000;
/** Field 13 of a kind that there is not; a field of 127 bytes of which none comes. */
const NO_MESSAGE = Buffer.from('no protobuf');
const BROKEN_OFF = Buffer.from([0x0a, 0x7f]);

export interface GrpcCall {
  metadata: Metadata;
  write?(message: unknown, ...rest: unknown[]): boolean;
  end?(...rest: unknown[]): unknown;
  emit(event: string, ...rest: unknown[]): boolean;
  once(event: string, heard: () => void): unknown;
}
export type GrpcDone = (error: unknown, ...rest: unknown[]) => void;
type Work = (call: GrpcCall, done?: GrpcDone) => unknown;
type Methods = Record<string, { path: string; responseSerialize(value: never): Buffer }>;

/** What goes out as these very bytes. */
class Bytes {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** The binding's methods, which can also say what is no message. */
export function withRawReplies<D extends object>(methods: D): D {
  const raw = Object.entries(methods as Methods).map(([name, method]) => {
    const responseSerialize = (value: unknown): Buffer =>
      value instanceof Bytes ? value.bytes : method.responseSerialize(value as never);
    return [name, { ...method, responseSerialize }] as const;
  });
  return Object.fromEntries(raw) as D;
}

export function withGrpcFaults<S extends object>(
  service: S,
  methods: object,
  plan: DoorPlan,
  grpc: A2aGrpc['grpc'],
): S {
  const { UNAVAILABLE, RESOURCE_EXHAUSTED } = grpc.status;
  const waiting = new Set<() => void>();

  function pass(work: Work, call: GrpcCall, done: GrpcDone | undefined): void {
    for (const go of waiting) go();
    waiting.clear();
    void work(call, done);
  }

  function refuse(call: GrpcCall, done: GrpcDone | undefined, code: number, details: string, afterMs?: number): void {
    const metadata = new grpc.Metadata();
    // The word of the protocol's retries for `come again after`.
    if (afterMs !== undefined) metadata.set('grpc-retry-pushback-ms', String(Math.ceil(afterMs)));
    const error = { code, details, metadata };
    if (done !== undefined) done(error);
    else call.emit('error', error);
  }

  async function goWrong(name: string, work: Work, call: GrpcCall, done: GrpcDone | undefined, trouble: DoorTrouble) {
    const { kind, ms, worked } = trouble;
    const cut = (): void => refuse(call, done, UNAVAILABLE, `injected: the door had ${kind}`);
    switch (kind) {
      case 'crash':
        if (worked) await unheard(work, call, done);
        return cut();
      case 'partition':
        return cut();
      case 'hang': {
        if (worked) await unheard(work, call, done);
        const gone = new AbortController();
        for (const end of ['close', 'cancelled']) call.once(end, () => gone.abort());
        await sleep(HANG_MS, undefined, { signal: gone.signal, ref: false }).catch(() => {});
        return cut();
      }
      case 'slow':
        await plan.wait(ms);
        return pass(work, call, done);
      case 'reorder':
        await Promise.race([plan.wait(ms), new Promise<void>((go) => void waiting.add(go))]);
        return pass(work, call, done);
      case 'duplicate':
        await unheard(work, call, done);
        return pass(work, call, done);
      case 'flap':
        return cut();
      case 'rate-limit':
        return refuse(call, done, RESOURCE_EXHAUSTED, 'rate.exceeded: injected: the door had rate-limit', ms);
      case 'malformed':
        return garbled(work, call, done, () => NO_MESSAGE);
      case 'truncated': {
        const serialize = (methods as Methods)[name]!.responseSerialize;
        return garbled(work, call, done, (message) => {
          const whole = serialize(message as never);
          return Buffer.concat([whole.subarray(0, Math.floor(whole.length / 2)), BROKEN_OFF]);
        });
      }
    }
  }

  const wrapped = Object.entries(service as Record<string, Work>).map(([name, work]) => [
    name,
    (call: GrpcCall, done?: GrpcDone): void => {
      const from = call.metadata.get('user-agent')[0]?.toString() ?? '';
      const trouble = plan.decide('a2a', `gRPC ${(methods as Methods)[name]?.path ?? name}`, from);
      if (trouble === undefined) pass(work, call, done);
      else void goWrong(name, work, call, done, trouble);
    },
  ]);
  return Object.fromEntries(wrapped) as S;
}

/** It is worked, and whoever called hears nothing of it. A stream counts as worked when it says its first word, or ends. */
function unheard(work: Work, call: GrpcCall, done: GrpcDone | undefined): Promise<void> {
  return new Promise((resolve) => {
    call.once('close', resolve);
    call.once('cancelled', resolve);
    if (done !== undefined) return void work(call, () => resolve());
    void work(
      instead(call, () => resolve()),
      undefined,
    );
  });
}

/** Its first word is other bytes, and nothing comes after it. */
function garbled(work: Work, call: GrpcCall, done: GrpcDone | undefined, of: (message: unknown) => Buffer): void {
  if (done !== undefined)
    return void work(call, (error, message, ...rest) =>
      error === null ? done(null, new Bytes(of(message)), ...rest) : done(error, message, ...rest),
    );
  let said = false;
  const heard = (event: string, ...args: unknown[]): void => {
    if (said) return;
    said = true;
    if (event === 'error') return void call.emit('error', ...args);
    if (event === 'write') call.write!(new Bytes(of(args[0])));
    call.end!();
  };
  void work(instead(call, heard), undefined);
}

/** The same call, whose answers go elsewhere. */
function instead(call: GrpcCall, heard: (event: string, ...args: unknown[]) => void): GrpcCall {
  return new Proxy(call, {
    get(own, member) {
      if (member === 'write') return (message: unknown) => (heard('write', message), true);
      if (member === 'end') return () => heard('end');
      if (member === 'emit')
        return (event: string, ...args: unknown[]) =>
          event === 'error' ? (heard('error', ...args), true) : own.emit(event, ...args);
      const value: unknown = Reflect.get(own, member, own);
      return typeof value === 'function' ? value.bind(own) : value;
    },
    set: (own, member, value) => (member === 'emit' ? true : Reflect.set(own, member, value, own)),
  });
}
