/**
 * The work that goes on while workers are killed: every kind of step, and at the end an output that
 * follows from the input alone, so that any wrong turn shows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnyWorkflow, type Run, workflow } from '../../author/index.ts';
import { Fault } from '../../base/index.ts';
import { type Agent, functionAgent } from '../../ports/agent/index.ts';
import { sendTo } from './sink-client.ts';

export interface Errand {
  /** Everything about the errand follows from this number. */
  n: number;
}

export interface ErrandOutput {
  thoughts: number[];
  word: string;
  child: number;
  turns: number;
  both: number[];
}

/** Each effect of a run says what it is, apart from its key: one thing done under two keys is a duplicate. */
async function send(run: Run, what: string, name = 'send'): Promise<void> {
  await run.effect('send', { what: `${run.id} ${what}` }, { name });
}

const small = workflow('kill.small', async (run: Run, { n }: Errand) => {
  const thought = await run.ask<number>('think', { n });
  await send(run, 'small');
  if (n % 2 === 0) await run.wait('breath', { ms: 10 + (n % 7) * 10 });
  return thought;
});

const errand = workflow('kill.errand', async (run: Run, { n }: Errand): Promise<ErrandOutput> => {
  const items = await run.code('plan', () => Array.from({ length: 2 + (n % 3) }, (_, i) => n + i));
  const thoughts = await run.map('each', items, { itemKey: String, width: 2 }, async (item, inner) => {
    const thought = await inner.ask<number>(item % 5 === 0 ? 'think-hard' : 'think', { n: item });
    await send(inner, `item ${item}`);
    return thought;
  });
  await run.wait('nap', { ms: 20 + (n % 11) * 25 });
  const child = await run.workflow(small, { n });
  const word = await run.signal<string>('word');
  const turns = await run.loop('round', { from: 0, maxTurns: 3 }, async (done: number, inner, turn) => {
    await send(inner, `turn ${turn}`);
    return done + turn;
  });
  const both = await run.all('both', {
    told: async (inner) => (await send(inner, 'told'), 1),
    thought: (inner) => inner.ask<number>('think', { n: n + 1 }),
  });
  await send(run, 'last', 'send-last');
  return { thoughts, word, child, turns, both: [both.told, both.thought] };
});

export const workflows: readonly AnyWorkflow[] = [small as never, errand as never];
export { errand };

const think = (n: number): number => n * 3 + 1;

/** What the errand must come to, whatever was killed on its way. */
export function expectedOutput({ n }: Errand): ErrandOutput {
  const items = Array.from({ length: 2 + (n % 3) }, (_, i) => n + i);
  return { thoughts: items.map(think), word: `word ${n}`, child: think(n), turns: 6, both: [1, think(n + 1)] };
}

/** How many effects an errand has, those of its child included. */
export function expectedEffects({ n }: Errand): number {
  return 2 + (n % 3) + 1 + 3 + 1 + 1;
}

export function agentsFor(sinkUrl: string): Agent[] {
  return [
    functionAgent('thinker', {
      skills: {
        think: async ({ n }: Errand) => (await sleep(1 + (n % 9)), think(n)),
        // Fails the first time, so that retries with their timers are on the way of kills, too.
        'think-hard': async ({ n }: Errand, { attempt }) => {
          await sleep(2);
          if (attempt === 1) throw new Fault('agent.busy', 'not now', { afterMs: 15 });
          return think(n);
        },
      },
    }),
    functionAgent('sender', {
      skills: {
        send: {
          effect: 'idempotent',
          keyed: true,
          run: ({ what }: { what: string }, { key, signal }) => sendTo(sinkUrl, key, what, signal),
        },
      },
    }),
  ];
}
