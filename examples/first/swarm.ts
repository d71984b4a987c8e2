/** The swarm of the first example: who can work, and what they are asked. All of the code that a user writes. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Agent, Fault, functionAgent, skill, workflow } from '../../src/index.ts';

const summarize = skill<string, string>('summarize', { input: z.string(), output: z.string() });
const judge = skill<string[], string>('judge', { output: z.string() });
const translate = skill<{ text: string; into: string }, string>('translate', { output: z.string() });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** They stand for models and people: the same answers every time, after a while. */
export const thinkers: Agent[] = [
  functionAgent('flaky', {
    skills: {
      summarize() {
        throw new Fault('agent.failed', 'flaky is down today');
      },
    },
  }),
  functionAgent('steady', {
    skills: {
      summarize: {
        // Dearer than flaky, who is asked first for that.
        price: { money: 0.002 },
        async run(topic: string) {
          await sleep(600 + (topic.length % 5) * 250);
          return `what the field knows about ${topic}`;
        },
      },
      async translate({ text, into }: { text: string; into: string }) {
        await sleep(700 + (into.length % 3) * 400);
        return `${text}, in ${into}`;
      },
    },
  }),
  ...['ada', 'bob', 'cleo'].map((name, i) =>
    functionAgent(name, {
      skills: {
        async judge(options: string[]) {
          await sleep(800 + i * 350);
          return name === 'bob' ? options.at(-1) : options[0];
        },
      },
    }),
  ),
];

/** A sink outside: it writes a line for every request, and publishes once for a key. */
export function postAgent(ledger: string, answersAfterMs = 500): Agent {
  return functionAgent('post', {
    skills: {
      publish: {
        effect: 'idempotent',
        keyed: true,
        async run(text: string, call) {
          appendFileSync(ledger, `asked\t${call.key}\t${process.pid}\n`);
          if (linesOf(ledger, 'published', call.key) === 0) appendFileSync(ledger, `published\t${call.key}\t${text}\n`);
          await sleep(answersAfterMs);
          return 'published';
        },
      },
    },
  });
}

/** How often the sink was asked, or published, for this run or key. */
export function linesOf(ledger: string, what: 'asked' | 'published', key: string): number {
  if (!existsSync(ledger)) return 0;
  const lines = readFileSync(ledger, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`${what}\t${key}`)).length;
}

export const report = workflow(
  'report',
  { input: z.array(z.string()).default(['geese', 'threads', 'journals', 'quorums', 'effects', 'seeds']) },
  async (run, topics) => {
    const found = await run.map('topics', topics, { itemKey: (topic) => topic, width: 3 }, (topic, r) =>
      r.ask(summarize, topic, { prefer: 'cost' }),
    );
    const best = await run.ask(judge, found, { agree: { by: 'majority', panel: 3 } });
    await run.effect('publish', best);
    const languages = ['French', 'Hindi', 'Swahili'];
    await run.map('languages', languages, { itemKey: (into) => into }, (into, r) =>
      r.ask(translate, { text: best, into }),
    );
    return { published: best, topics: found.length, languages };
  },
);
