/** Agents over a sink: what a call may change, and what can be done about it, is said by their skill. */
import { errorText, Fault } from '../../base/index.ts';
import { type Agent, type AgentCall, functionAgent } from '../../ports/agent/index.ts';
import type { EffectClass } from '../../model/index.ts';
import type { Mishap, Place } from './sink.ts';
import type { Deed } from './book.ts';

export interface SinkAgentOptions {
  name?: string;
  /** The skill is `send`, where it has no other name. */
  skill?: string;
  effect: EffectClass;
  keyed?: boolean;
  reconciles?: boolean;
  undoes?: boolean;
  /** May change: a sink that comes back has another address. */
  url: () => string;
}

export function sinkAgent(options: SinkAgentOptions): Agent {
  const { name = 'sender', skill = 'send', effect, keyed, url } = options;
  const post = async (place: Place, key: string, body: string, signal?: AbortSignal): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(`${url()}/${place}?key=${encodeURIComponent(key)}`, { method: 'POST', body, signal });
    } catch (thrown) {
      throw new Fault('agent.lost', `no word from the sink: ${errorText(thrown)}`, { cause: thrown });
    }
    if (response.status === 503) throw new Fault('agent.busy', 'the sink refuses for now', { afterMs: 5 });
    if (!response.ok) throw new Fault('agent.failed', `the sink says ${response.status}`);
    return response.json();
  };
  const said = (key: string): string => key.replace(/^undo:/, '');
  return functionAgent(name, {
    skills: {
      [skill]: {
        effect,
        keyed,
        run: (input: unknown, call: AgentCall) => post('work', call.key, JSON.stringify(input), call.signal),
        reconcile: options.reconciles
          ? async ({ key }) => (await post('query', key, '')) as { happened: boolean }
          : undefined,
        undo: options.undoes ? async ({ key }) => void (await post('undo', said(key), '')) : undefined,
      },
    },
  });
}

export async function deedsOf(url: string): Promise<Deed[]> {
  return (await (await fetch(`${url}/deeds`)).json()) as Deed[];
}

export async function tellSink(url: string, place: Place, mishap: Mishap): Promise<void> {
  await fetch(`${url}/next`, { method: 'POST', body: JSON.stringify({ place, mishap }) });
}
