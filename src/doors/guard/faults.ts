/**
 * The fault wrapper of doors: requests that go wrong where a plan says so, as a network, a proxy or a site in trouble
 * would have it. It draws no chance of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { Fault } from '../../base/index.ts';
import type { DoorPlan, DoorTrouble } from '../../site/faults/index.ts';
import { problemResponse } from './problem.ts';

type Env = Partial<HttpBindings> | undefined;
type Fetch<E extends Env> = (request: Request, env: E) => Response | Promise<Response>;

/** A caller that waits for longer than this is let go: nobody has a connection for ever. */
const HANG_MS = 300_000;
/** Whoever watches a rehearsal must see: health and figures are left alone. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** `doorOf`: which door a path belongs to. */
export function withDoorFaults<E extends Env>(
  fetch: Fetch<E>,
  plan: DoorPlan,
  doorOf: (path: string) => string,
): Fetch<E> {
  /** Those who wait for another request to pass. */
  const waiting = new Set<() => void>();

  async function pass(request: Request, env: E): Promise<Response> {
    try {
      return await fetch(request, env);
    } finally {
      for (const go of waiting) go();
      waiting.clear();
    }
  }

  async function goWrong(request: Request, env: E, { kind, ms, worked }: DoorTrouble): Promise<Response> {
    const what = `injected: the door had ${kind}`;
    switch (kind) {
      case 'crash':
        if (worked) drop(await pass(request, env));
        return cut(env);
      case 'partition':
        return cut(env);
      case 'hang':
        if (worked) drop(await pass(request, env));
        // Until it is gone; the wait ends with it.
        await sleep(HANG_MS, undefined, { signal: request.signal, ref: false }).catch(() => {});
        return cut(env);
      case 'slow':
        await plan.wait(ms);
        return pass(request, env);
      case 'reorder':
        await Promise.race([plan.wait(ms), new Promise<void>((go) => void waiting.add(go))]);
        return pass(request, env);
      case 'duplicate': {
        const again = request.clone();
        drop(await pass(request, env));
        return pass(again, env);
      }
      case 'flap':
        return problemResponse(new Fault('site.stopped', what));
      case 'rate-limit':
        return problemResponse(new Fault('rate.exceeded', what, { afterMs: ms }));
      case 'malformed':
        return malformed(await pass(request, env));
      case 'truncated':
        return truncated(await pass(request, env), env);
    }
  }

  return (request, env) => {
    const { pathname } = new URL(request.url);
    if (LEFT_ALONE.has(pathname)) return fetch(request, env);
    const from = request.headers.get('user-agent') ?? '';
    const trouble = plan.decide(doorOf(pathname), `${request.method} ${pathname}`, from);
    return trouble === undefined ? pass(request, env) : goWrong(request, env, trouble);
  };
}

/** The connection ends without a word. */
function cut(env: Env): Response {
  return new Response(broken(undefined, env), { status: 200 });
}

/** Nobody reads it. */
function drop(response: Response): void {
  void response.body?.cancel().catch(() => {});
}

function malformed(response: Response): Response {
  drop(response);
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response('no JSON', { status: response.status === 204 ? 200 : response.status, headers });
}

/** Half of its first piece, and the line breaks. */
async function truncated(response: Response, env: Env): Promise<Response> {
  if (response.body === null) return cut(env);
  const reader = response.body.getReader();
  const { value } = await reader.read();
  void reader.cancel().catch(() => {});
  const { status, headers } = response;
  return new Response(broken(value?.subarray(0, Math.floor(value.length / 2)), env), { status, headers });
}

/** Who has no connection in hand (a test) sees the answer break off. */
function broken(first: Uint8Array | undefined, env: Env): ReadableStream<Uint8Array> {
  let given = first === undefined;
  return new ReadableStream({
    pull(controller) {
      if (!given) controller.enqueue(first!);
      else if (env?.incoming === undefined) controller.error(new Error('the line broke'));
      else {
        env.incoming.socket.destroy();
        controller.close();
      }
      given = true;
    },
  });
}
