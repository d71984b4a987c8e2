/** Workflows as data, run by decisions alone: edges, joins, skips, failures, gates, labels. */
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../author/index.ts';
import { type Doing, NEVER, playPlan, type PlayOptions } from './play.ts';

const fail = (): never => {
  throw new Error('no');
};
const echo: Doing = (input) => input ?? 'done';

function run(yaml: string, options: Omit<PlayOptions, 'plan'> = {}) {
  const functions = { echo, fail, say: (_: unknown, { step }: { step: string }) => step, ...options.functions };
  return playPlan({ ...options, functions, plan: parsePlan(`name: test\n${yaml}`) });
}

test('the plan of an incident, from logs to a gated restart', () => {
  const play = run(
    `
input: { type: object, properties: { service: { type: string } } }
steps:
  logs: { ask: read-logs, with: { service: '\${input.service}' } }
  cause: { ask: find-cause, after: [logs], with: '\${steps.logs}', retry: { tries: 2 }, timeout: 30s }
  approve: { gate: { right: 'gate:sre' }, after: [cause] }
  restart: { effect: restart, class: irreversible, gate: approve, after: [approve], with: { why: 'because \${steps.cause}' } }
output: '\${steps.restart}'`,
    {
      input: { service: 'db' },
      agents: {
        'read-logs': (input) => ['oom', input as never],
        'find-cause': () => 'memory',
        restart: (input) => ({ restarted: true, ...(input as object) }),
      },
    },
  );
  expect(play.ended).toBeUndefined();
  expect(play.step('approve')?.at).toBe('asked');
  play.approve('approve');
  expect(play.ended).toMatchObject({ outcome: 'completed', output: { restarted: true, why: 'because memory' } });
});

test('a denied gate skips what is behind it; who waits for its end in any way goes on', () => {
  const play = run(`
steps:
  approve: { gate: sre }
  act: { code: echo, after: approve }
  report: { code: say, after: { approve: completion } }`);
  play.deny('approve');
  expect(play.events('step.skipped')).toMatchObject([{ step: 'act', cause: "'approve' failed" }]);
  expect(play.step('report')?.out).toBe('ok');
  expect(play.ended).toMatchObject({ outcome: 'completed' });
});

describe('edges', () => {
  test('a failure goes to whoever waits for one, and the run completes', () => {
    const play = run(`
steps:
  work: { code: fail }
  next: { code: say, after: work }
  mend: { code: echo, after: { work: failure }, with: '\${faults.work.message}' }
output: { next: '\${steps.next}', mend: '\${steps.mend}' }`);
    expect(play.ended).toMatchObject({ outcome: 'completed', output: { next: null, mend: 'no' } });
  });

  test('an unhandled failure fails the run with its cause, after all else is done', () => {
    const play = run(`
steps:
  good: { code: say }
  bad: { code: fail }
  after-bad: { code: say, after: bad }
  after-that: { code: say, after: after-bad }
  after-good: { code: say, after: good }`);
    expect(play.ended).toMatchObject({ outcome: 'failed', fault: 'step.failed' });
    expect(play.state.fault?.detail).toMatchObject({ step: 'bad' });
    expect(play.events('step.skipped')).toMatchObject([
      { step: 'after-bad', cause: "'bad' failed" },
      { step: 'after-that', cause: "'after-bad' was skipped" },
    ]);
    expect(play.step('after-good')?.out).toBe('ok');
  });

  test('conditions on edges and steps', () => {
    const play = run(
      `
steps:
  first: { code: echo, with: { n: '\${input.n}' } }
  big: { code: say, after: { step: first, if: steps.first.n > 10 } }
  small: { code: say, after: { step: first, if: steps.first.n <= 10 } }
  never: { code: say, if: input.n > 100 }
  last: { code: say, after: [big, small], join: any }`,
      { input: { n: 11 } },
    );
    expect(play.events('step.skipped').map((e) => [e.step, e.cause])).toEqual([
      ['never', "its condition 'input.n > 100' is false"],
      ['small', "the condition 'steps.first.n <= 10' after 'first' is false"],
    ]);
    expect(play.ended).toMatchObject({ outcome: 'completed' });
  });

  test('an expression that fails fails its step, with its place', () => {
    const play = run(`
steps:
  a: { code: echo, with: { x: 1 } }
  b: { code: echo, after: a, with: '\${steps.a.nothing + 1}' }`);
    expect(play.ended).toMatchObject({ outcome: 'failed', fault: 'plan.invalid' });
    expect(play.state.fault).toMatchObject({
      message: expect.stringContaining('at character 9: No such key: nothing') as string,
      detail: { step: 'b', character: 9 },
    });
  });

  test('a wait, a signal and a workflow', () => {
    const play = run(
      `
steps:
  rest: { wait: 5s }
  word: { signal: go, after: rest }
  child: { workflow: other, with: '\${steps.word}' }`,
      { children: { other: (input) => ({ child: input as never }) } },
    );
    expect(play.wait().ended).toBeUndefined();
    expect(play.signal('go', 7).ended).toMatchObject({ outcome: 'completed', output: { child: 7 } });
  });
});

describe('joins', () => {
  const race = (join: string) => `
steps:
  a: { code: a }
  b: { code: b }
  c: { code: c }
  won: { code: echo, after: [a, b, c], join: ${join}, with: { joined: '\${joined}', first: '\${first}' } }
output: '\${steps.won}'`;

  test('any takes the first that succeeds and cancels the others', () => {
    const play = run(race('any'), { functions: { a: fail, b: () => 2, c: () => NEVER, echo } });
    expect(play.ended).toMatchObject({ outcome: 'completed', output: { joined: { b: 2 }, first: 2 } });
    expect(play.events('join.frozen')).toMatchObject([{ step: 'won', inputs: ['b'] }]);
    expect(play.step('c')?.out).toBe('cancelled');
  });

  test('a late success never becomes output', () => {
    const play = run(
      `
steps:
  a: { code: a }
  b: { ask: slow }
  won: { code: echo, after: [a, b], join: any, with: '\${steps}' }
  both: { code: echo, after: [b], with: '\${steps.b}' }
output: '\${steps.won}'`,
      { functions: { a: () => 1, echo }, agents: { slow: () => 2 } },
    );
    // b is still needed by `both`, so it was not cancelled; the race is decided all the same.
    expect(play.step('b')?.out).toBe('ok');
    expect(play.ended?.output).toMatchObject({ a: 1, b: null });
  });

  test('atLeast fails when too few can come, and says why', () => {
    const play = run(race('{ atLeast: 2 }'), { functions: { a: fail, b: fail, c: () => 3, echo } });
    expect(play.ended).toMatchObject({ outcome: 'failed', fault: 'step.failed' });
    expect(play.events('step.skipped')[0]?.cause).toBe("at most 1 of the 2 that it needs can come: 'a' failed");
  });

  test('what counts is who came first, not who is named first', () => {
    const play = run(race('{ atLeast: 2 }'), { functions: { a: () => NEVER, b: () => NEVER, c: () => NEVER, echo } });
    play.give({ in: 'ran', step: 'c', data: 3 });
    play.give({ in: 'ran', step: 'a', data: 1 });
    expect(play.events('join.frozen')).toMatchObject([{ step: 'won', inputs: ['c', 'a'] }]);
    expect(play.go().ended?.output).toEqual({ joined: { c: 3, a: 1 }, first: 3 });
  });

  test('settled goes on with what there is, whatever failed', () => {
    const play = run(race('settled'), { functions: { a: fail, b: () => 2, c: () => 3, echo } });
    expect(play.ended).toMatchObject({ outcome: 'completed', output: { joined: { b: 2, c: 3 }, first: 2 } });
  });

  test('what led only to a loser stops too; what others need goes on', () => {
    const play = run(
      `
steps:
  fast: { code: say }
  slow: { code: never }
  slower: { code: say, after: slow }
  shared: { code: never }
  loser: { code: say, after: shared }
  other: { code: say, after: shared }
  won: { code: say, after: [fast, slower, loser], join: any }`,
      { functions: { never: () => NEVER } },
    );
    expect(play.step('slow')?.out).toBe('cancelled');
    expect(play.step('slower')?.out).toBe('skipped');
    expect(play.step('loser')?.out).toBe('skipped');
    expect(play.step('shared')?.settledSeq).toBe(0);
    expect(play.step('won')?.out).toBe('ok');
  });
});

describe('labels', () => {
  test('a step has the labels of all that it uses, and of nothing else', () => {
    const play = run(
      `
steps:
  a: { ask: one, with: '\${input}' }
  b: { ask: two }
  ab: { code: echo, after: [a, b], with: { a: '\${steps.a}', b: '\${steps.b}' }, labels: [own] }
  plain: { code: say }
  each: { map: steps.b, key: item, steps: { x: { code: echo, with: '\${item}' } } }
output: { plain: '\${steps.plain}', b: '\${steps.b}' }`,
      {
        input: 'in',
        labels: ['pii'],
        agents: { one: echo, two: () => [1, 2] },
        answerLabels: { one: ['secret'], two: ['eu'] },
      },
    );
    expect(play.step('a')?.labels).toEqual(['pii', 'secret']);
    expect(play.step('b')?.labels).toEqual(['eu']);
    expect(play.step('ab')?.labels).toEqual(['eu', 'own', 'pii', 'secret']);
    expect(play.step('plain')?.labels).toBeUndefined();
    expect(play.step('each')?.labels).toEqual(['eu']);
    expect(play.ended?.labels).toEqual(['eu', 'pii']);
  });
});

test('answers must fit what the plan says they are', () => {
  const play = run(
    `
steps:
  a: { ask: count, returns: { type: object, properties: { n: { type: integer } }, required: [n] } }`,
    { agents: { count: () => ({ n: 'many' }), 'count@b': () => ({ n: 3 }) } },
  );
  expect(play.ended).toMatchObject({ outcome: 'completed', output: { n: 3 } });
  expect(play.events('attempt.ended')[0]?.fault).toMatchObject({ code: 'output.invalid' });
});

test('cancelling stops everything', () => {
  const play = run(`steps: { a: { ask: slow }, b: { code: say, after: a } }`, { agents: { slow: () => NEVER } });
  expect(play.cancel().ended).toMatchObject({ outcome: 'cancelled' });
  expect(play.step('b')).toBeUndefined();
});
