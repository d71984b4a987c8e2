/** The swarm of the first example: who can work, and what they are asked. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { Fault, functionAgent, skill, workflow } from '../../src/index.ts';

const summarize = skill<string, string>('summarize', { input: z.string(), output: z.string() });
const judge = skill<string[], string>('judge', { output: z.string() });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function agentsWith(ledger: string) {
  const words = (text: string): string => `${text.split(' ').length} words on ${text.split(' ').at(-1)}`;
  return [
    functionAgent('flaky', {
      skills: {
        summarize() {
          throw new Fault('agent.failed', 'flaky is down today');
        },
      },
    }),
    functionAgent('steady', {
      skills: {
        async summarize(text: string) {
          await sleep(150);
          return words(text);
        },
      },
    }),
    ...['ada', 'bob', 'cleo'].map((name) =>
      functionAgent(name, { skills: { judge: (options: string[]) => (name === 'bob' ? options.at(-1) : options[0]) } }),
    ),
    functionAgent('post', {
      skills: {
        publish: {
          effect: 'idempotent',
          keyed: true,
          async run(text: string, call) {
            await sleep(100);
            // A sink that honours our key: the same key is written once.
            if (!published(ledger).some((line) => line.startsWith(call.key)))
              appendFileSync(ledger, `${call.key}\t${text}\n`);
            return 'published';
          },
        },
      },
    }),
  ];
}

export function published(ledger: string): string[] {
  return existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n').filter(Boolean) : [];
}

export const report = workflow(
  'report',
  {
    input: z.array(z.string()),
    output: z.object({ chosen: z.string(), published: z.string(), summaries: z.number() }),
  },
  async (run, topics) => {
    const summaries = await run.map('topics', topics, { itemKey: (topic) => topic, width: 2 }, (topic, r) =>
      r.ask(summarize, `what the field knows about ${topic}`),
    );
    const chosen = await run.ask(judge, summaries, { agree: { by: 'majority', panel: 3 } });
    const done = await run.effect<string>('publish', chosen);
    await run.wait('breath', { ms: 200 });
    return { chosen, published: done, summaries: summaries.length };
  },
);

export const TOPICS = ['geese', 'threads', 'journals', 'quorums', 'effects', 'seeds'];
