/** What every protocol keeps holds for those of the laboratory too, and each does what it is named after. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import type { Json } from '../../base/index.ts';
import { deliberate, type Heard, protocolNames } from '../../flow/index.ts';
import type { AgreeSpec, Ask, Equality } from '../../model/index.ts';
import { functionAgent } from '../../ports/agent/index.ts';
import { hasBubblewrap } from '../../ports/agent/process/sandbox.ts';
import { createMemoryStore } from '../../ports/store/memory.ts';
import { replay } from '../../site/replay.ts';
import { openSite } from '../../site/site.ts';
import { distance, hashOf } from './likeness.ts';
import { worthOf } from './roundtable.ts';
import { addLabProtocols, inputsOf, labProtocols, openRunner } from './index.ts';

const named = (by: string) => labProtocols.find(({ name }) => name === by)!;
const members = (n: number) => Array.from({ length: n }, (_, i) => ({ agent: `m${i}` }));
const judges = [{ agent: 'j0' }, { agent: 'j1' }];
type Say = (ask: Ask, i: number, outputs: readonly Json[]) => Json | undefined;

function talk(by: string, n: number, say: Say, spec: Partial<AgreeSpec> = {}, equal: Equality = { by: 'exact' }) {
  const outputs: Json[] = [];
  return deliberate(named(by), { by, ...spec }, { members: members(n), judges, equal }, (i, ask): Heard => {
    const output = say(ask, i, outputs);
    outputs[i] = output ?? null;
    return output === undefined ? { lost: 'agent.failed' } : { output };
  });
}
const chosen = ({ end, replies }: ReturnType<typeof talk>): Json | undefined =>
  end?.move === 'verdict' ? replies[end.verdict.chosen!]?.output : undefined;
const number = ({ agent }: Ask): number => Number(agent.slice(1));

/** Members say what they are told to and keep to it; scorers and runners say something that can be read. */
const steady =
  (said: readonly (string | undefined)[]): Say =>
  (ask, i, outputs): Json | undefined => {
    if (ask.kind === 'score') return { scores: ask.about!.map((one) => (outputs[one] === 'x' ? 0.9 : 0.3)) };
    if (ask.kind === 'run')
      return { outputs: [1, 2, 3].map((n) => ({ value: `${outputs[ask.about![0]!] as string}${n}` })) };
    const word = said[number(ask) % said.length];
    return word === undefined || i % 7 === 6 ? undefined : word;
  };

describe.each(labProtocols.map(({ name }) => name))('%s', (by) => {
  test('comes to an end, chooses only what somebody said, and never counts a non-vote', () => {
    const answers = fc.array(fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(answers, (said) => {
        const run = talk(by, said.length, steady(said));
        expect(run.end).toBeDefined();
        if (run.end!.move === 'verdict') expect(said).toContain(chosen(run));
        for (const vote of run.end!.verdict.votes)
          if (run.replies[vote.ask]!.lost !== undefined) expect(vote).toMatchObject({ for: false, weight: 0 });
      }),
      { numRuns: 60 },
    );
  });

  test('is the same again from any prefix: it waits for whole rounds', () => {
    const whole = talk(by, 4, steady(['x', 'y', 'x', 'z']));
    for (let known = 0; known < whole.asks.length; known++) {
      const partly = deliberate(named(by), { by }, { members: members(4), judges, equal: { by: 'exact' } }, (i) =>
        i < known ? { output: whole.replies[i]!.output, lost: whole.replies[i]!.lost } : undefined,
      );
      expect(partly.asks).toEqual(whole.asks.slice(0, partly.asks.length));
      expect(partly.end).toBeUndefined();
    }
  });

  test('says that it is not recommended', () => expect(named(by).about).toMatch(/^not recommended/));
});

test('they are protocols here only once they are added, and adding them again does nothing', () => {
  addLabProtocols();
  addLabProtocols();
  expect(protocolNames()).toEqual(expect.arrayContaining(labProtocols.map(({ name }) => name)));
});

describe('roundtable', () => {
  test('nobody talks where all agree; where they differ each sees each answer once', () => {
    expect(talk('roundtable', 5, () => 'x').asks).toHaveLength(5);
    const run = talk('roundtable', 3, (ask) => (ask.kind === 'answer' && number(ask) === 2 ? 'y' : 'x'));
    expect(run.asks).toHaveLength(6);
    expect(run.asks[3]).toMatchObject({ kind: 'revise', about: [0, 2], say: { round: 1, holders: [2, 1] } });
    expect(chosen(run)).toBe('x');
  });

  test('a round that brings nobody nearer is the last, and the one before it stands', () => {
    const run = talk('roundtable', 3, (ask) =>
      ask.kind === 'answer' ? ['x', 'x', 'y'][number(ask)]! : `z${number(ask)}`,
    );
    expect(run.asks).toHaveLength(6);
    expect(chosen(run)).toBe('x');
  });

  test('confidence weighs as its authors say, and equal answers stay equal whatever it is', () => {
    expect([0.5, 0.7, 0.85, 0.95, 1, undefined].map(worthOf)).toEqual([0.1, 0.3, 0.5, 0.8, 1, 1]);
    const sure = [0.5, 0.55, 1];
    const run = talk('roundtable', 3, (ask) => ({
      answer: number(ask) < 2 ? 'x' : 'y',
      confidence: sure[number(ask)]!,
    }));
    expect(chosen(run)).toMatchObject({ answer: 'y' });
    expect(run.end!.verdict.votes.slice(0, 2).map((vote) => vote.camp)).toEqual([0, 0]);
  });
});

test('confidence: one liar that says 1 wins', () => {
  const run = talk('confidence', 5, (ask) => ({
    answer: number(ask) === 4 ? 'lie' : 'x',
    confidence: number(ask) === 4 ? 1 : 0.9,
  }));
  expect(chosen(run)).toMatchObject({ answer: 'lie' });
  expect(talk('confidence', 3, () => 'x').end).toMatchObject({ move: 'escalation', why: 'nobody said how sure it is' });
});

describe('deliberate', () => {
  test('nobody scores what it says itself, and the best scored wins against the many', () => {
    const run = talk('deliberate', 4, steady(['y', 'y', 'x', 'y']));
    for (const { kind, about, agent } of run.asks)
      if (kind === 'score') for (const i of about!) expect(run.asks[i]!.agent).not.toBe(agent);
    expect(chosen(run)).toBe('x');
  });

  test('the best is carried on against a round that brings less', () => {
    const run = talk('deliberate', 3, (ask, _, outputs) => {
      if (ask.kind === 'score')
        return { scores: ask.about!.map((i) => ({ good: 0.9, poor: 0.2, bad: 0.1 })[outputs[i] as string] ?? 0.05) };
      return ask.kind === 'answer' ? ['good', 'poor', 'bad'][number(ask)]! : `worse${number(ask)}`;
    });
    expect(run.asks.some((ask) => ask.kind === 'revise')).toBe(true);
    expect(chosen(run)).toBe('good');
  });
});

test('selforg: the least like the mean is told by those most like it', () => {
  const said = ['the cat sat', 'the cat sat', 'the cat ran', 'a wholly other thing'];
  const run = talk('selforg', 4, (ask) => (ask.kind === 'revise' ? 'the cat sat' : said[number(ask)]!));
  expect(run.asks.slice(4).map(({ agent }) => agent)).toEqual(['m2', 'm3']);
  expect(chosen(run)).toBe('the cat sat');
});

describe('perceptual', () => {
  const one = 'The parcel left the warehouse on Monday and will arrive on Thursday before noon.';
  const two = 'The parcel left the warehouse on Monday, and it will arrive on Thursday before noon!';
  const other = 'Nobody has ever seen this order; please ask for your money back at the desk.';

  test('like texts have near hashes, others far ones', () => {
    expect(distance(hashOf(one), hashOf(two))).toBeLessThanOrEqual(14);
    expect(distance(hashOf(one), hashOf(other))).toBeGreaterThan(14);
  });

  test('two of three decide; three that differ do not', () => {
    expect(chosen(talk('perceptual', 3, (ask) => [other, one, two][number(ask)]!))).toBe(one);
    expect(talk('perceptual', 3, (ask) => [other, one, 'xyzzy'][number(ask)]!).end).toMatchObject({
      move: 'escalation',
    });
    expect(talk('perceptual', 1, () => one).asks).toHaveLength(3);
  });
});

describe('functional', async () => {
  const evens = ['(n) => n % 2 === 0', '(n) => !(n % 2)', '(n) => (n & 1) === 0'];
  const programs = ['(n) => n > 0', '(n) => { for (;;) {} }', ...evens];
  const agents = programs.map((program, i) => functionAgent(`writer${i}`, { skills: { write: () => program } }));
  const even = workflow('even', async (run) =>
    run.ask<string>('write', 'a function that says whether a number is even', {
      agree: { by: 'functional', judge: 'run-program', samples: 6 },
    }),
  );

  test('samples are drawn by the seed', () => {
    expect(inputsOf({ by: 'functional', takes: 'integers' })).toEqual(
      inputsOf({ by: 'functional', takes: 'integers' }),
    );
    expect(inputsOf({ by: 'functional', seed: 2 })).not.toEqual(inputsOf({ by: 'functional', seed: 3 }));
    expect(inputsOf({ by: 'functional', inputs: [7] })).toEqual([7]);
  });

  test.skipIf(!(await hasBubblewrap()))(
    'programs are run in the sandbox on a step of a run, and what most of them do wins; replay is equal',
    async () => {
      addLabProtocols();
      const store = createMemoryStore();
      const runner = await openRunner();
      expect(runner.limits).toMatchObject({ sandbox: 'bubblewrap' });
      const site = await openSite({ store, agents: [...agents, runner], workflows: [even] });
      try {
        // Three of five do the same, in other words.
        expect(evens).toContain(await (await site.start(even, undefined, { id: 'r' })).output());
        expect(await replay(store, 'r')).toMatchObject({ equal: true });
      } finally {
        await site.stop();
      }
    },
  );

  test.skipIf(!(await hasBubblewrap()))('a program sees no process, no network and no chance', async () => {
    const runner = await openRunner();
    const escapes = [
      '() => process.pid',
      '() => fetch("http://127.0.0.1")',
      '() => Math.random()',
      '() => globalThis.constructor.constructor("return process")().pid',
    ];
    for (const program of escapes) {
      const { output } = await runner.call({
        run: 'r',
        step: 's',
        attempt: 1,
        skill: 'run-program',
        input: { answers: [program], say: { inputs: [1] } },
        labels: [],
        effect: 'pure',
        key: program,
        signal: AbortSignal.timeout(5_000),
        deadlineMs: undefined,
      });
      expect(output).toMatchObject({ outputs: [{ fault: expect.stringMatching(/Error/) as string }] });
    }
    await runner.close?.();
  });

  test('without anybody to run them the step says so', async () => {
    addLabProtocols();
    const site = await openSite({ agents, workflows: [even] });
    const result = await (await site.start(even)).result();
    expect(JSON.stringify(result)).toMatch(/nobody here has the skill 'run-program'/);
    await site.stop();
  });
});
