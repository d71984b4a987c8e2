/** The way to the keyed sink. */
import { Fault, errorText } from '../../base/index.ts';

/** Works `what` under this key; the sink works a key once and gives its number each time. */
export async function sendTo(url: string, key: string, what: string, signal?: AbortSignal): Promise<number> {
  try {
    const response = await fetch(`${url}/work`, {
      method: 'POST',
      headers: { 'idempotency-key': encodeURIComponent(key) },
      body: what,
      signal,
    });
    if (!response.ok) throw new Error(`the sink says ${response.status}`);
    return Number(await response.text());
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
