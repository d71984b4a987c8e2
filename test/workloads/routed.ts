/** Workloads in which there is a choice: learned, by a rule, by preference; and a call that is hedged. */
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { sleep, type Workload } from './lab.ts';

const choosing = workflow('choosing', async (run) => {
  const answers: unknown[] = [];
  for (let i = 0; i < 6; i++)
    answers.push(await run.ask('think', { i }, { key: i, prefer: i < 3 ? 'quality' : 'cost' }));
  return { answers, ruled: await run.ask('think', 'is this clause legal?', { key: 'law' }) };
});

const hedging = workflow('hedging', async (run) => {
  for (let i = 0; i < 8; i++) await run.ask('look', 'quick', { key: i });
  return run.ask('look', 'slow once', { key: 'hedged', hedge: true });
});

export const routedWorkloads: Workload[] = [
  {
    name: 'routed',
    about: 'several agents for a skill: candidates of each step, rules, preferences, what was learned',
    async run(lab) {
      const agents = ['a', 'b', 'c'].map((name, i) =>
        functionAgent(name, {
          skills: {
            think: {
              price: { money: i + 1 },
              run() {
                if (name === 'a') throw new Error('a never can');
                return name;
              },
            },
          },
        }),
      );
      const rules = [{ name: 'law to c', priority: 1, when: { domain: 'law' }, use: ['c'] }];
      const site = await lab.open([choosing], agents, { routing: { rules } });
      const run = await site.start(choosing, undefined, { prefer: 'balanced' });
      await run.output();
      return [run.run];
    },
  },
  {
    name: 'hedged',
    about: 'a slow call, a second agent beside it, the first answer counts',
    async run(lab) {
      let slow = 1;
      const look = async (what: string): Promise<string> => {
        if (what === 'slow once' && slow-- > 0) await sleep(400);
        return what;
      };
      const agents = ['a', 'b'].map((name) => functionAgent(name, { skills: { look } }));
      const site = await lab.open([hedging], agents);
      const run = await site.start(hedging);
      await run.output();
      return [run.run];
    },
  },
];
