/**
 * The way to the keyed sink. Over `node:http`, which is there once it is imported: the first `fetch` of a process takes a
 * good part of the few moments that a worker of the campaign has to live.
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Fault, errorText } from '../../base/index.ts';

const kept = new Agent({ keepAlive: true });

/** Works `what` under this key; the sink works a key once and gives its number each time. */
export async function sendTo(url: string, key: string, what: string, signal?: AbortSignal): Promise<number> {
  try {
    const headers = { 'idempotency-key': encodeURIComponent(key) };
    const asked = request(`${url}/work`, { method: 'POST', headers, agent: kept, signal });
    asked.end(what);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const said = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`the sink says ${answer.statusCode}`);
    return Number(said);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw new Fault('agent.lost', `the sink is not reached: ${errorText(thrown)}`, { retry: 'same', cause: thrown });
  }
}

export interface SinkWork {
  key: string;
  what: string;
  /** How often it was asked for. */
  asked: number;
}

export async function worksOf(url: string): Promise<SinkWork[]> {
  const response = await fetch(`${url}/works`);
  return (await response.json()) as SinkWork[];
}
