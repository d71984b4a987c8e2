/** Every protocol that there is, on a step of a workflow in code and of one in data, through a real site. */
import { expect, test } from 'vitest';
import { parsePlan, planWorkflow, workflow } from '../../author/index.ts';
import type { Json } from '../../base/index.ts';
import { protocolNames } from '../../flow/index.ts';
import type { EventOf } from '../../model/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { openSite } from '../../site/site.ts';
import { addLabProtocols } from './index.ts';

addLabProtocols();

const RIGHT = 'the answer is forty two, as everybody knows';
const WRONG = 'nobody can say, and so it must be seven';
const member = (name: string, word: string) => functionAgent(name, { skills: { guess: () => word } });

/** Says which of what it is shown is right, in whatever way it is asked. */
const judge = functionAgent('judge', {
  skills: {
    judge: ({ ask, answers }: { ask: string; answers: Json[] }): Json => {
      const good = answers.map((answer) => answer === RIGHT);
      if (ask === 'compare') return { winner: good[0] === good[1] ? 'tie' : good[0] ? 'a' : 'b' };
      if (ask === 'grade') return { good: good[0]! };
      if (ask === 'run') return { outputs: Array.from({ length: 12 }, () => ({ value: answers[0]! })) };
      return { scores: good.map((one) => (one ? 0.9 : 0.1)) };
    },
  },
});

// Scores are given by members, in whatever form the step's skill is asked in.
const scoring = (name: string, word: string) =>
  functionAgent(name, {
    skills: {
      guess: (input: Json): Json => {
        const asked = input as { ask?: string; answers?: Json[] } | null;
        return asked?.ask === 'score' ? { scores: asked.answers!.map((one) => (one === RIGHT ? 0.9 : 0.1)) } : word;
      },
    },
  });

// `confidence` goes by what agents claim, so they must claim something.
const claiming = (name: string, word: string) =>
  functionAgent(name, { skills: { guess: (): Json => ({ answer: word, confidence: word === RIGHT ? 0.9 : 0.2 }) } });

test.each(protocolNames())('%s: in code and in data', async (by) => {
  const make = by === 'deliberate' ? scoring : by === 'confidence' ? claiming : member;
  const agents = [make('a', RIGHT), make('b', RIGHT), make('c', RIGHT), make('d', WRONG), judge];
  const code = workflow('code', async (run) => run.ask<Json>('guess', 'what?', { agree: { by, panel: 4 } }));
  const data = planWorkflow(
    parsePlan(`
name: data
steps:
  one:
    ask: guess
    with: what?
    agree: { by: ${by}, panel: 4 }
output: '\${steps.one}'
`),
  );
  const site = await openSite({ store: createMemoryStore(), agents, workflows: [code, data] });
  for (const flow of [code, data]) {
    const handle = await site.start(flow as typeof code);
    const output = await handle.output();
    const verdicts: EventOf<'agree.verdict'>[] = [];
    for await (const { event } of site.watch(handle.run)) if (event.type === 'agree.verdict') verdicts.push(event);
    expect(verdicts).toHaveLength(1);
    const [verdict] = verdicts;
    // Nobody has a record yet: a protocol that asks one alone may have asked the one that is wrong.
    const word = verdict!.asked!.answers === 1 && verdict!.single!.agent === 'd' ? WRONG : RIGHT;
    expect(output).toEqual(by === 'confidence' ? { answer: word, confidence: 0.9 } : word);
    expect(verdict).toMatchObject({ by, equal: expect.any(String) });
    expect(verdict!.asked!.answers).toBeGreaterThan(0);
    expect(verdict!.single!.agent).toEqual(expect.any(String));
    expect(verdict!.votes.some((vote) => vote.for)).toBe(true);
  }
  await site.stop();
});
