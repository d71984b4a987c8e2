/** The words of a plan: YAML, JSON and the builder give the same plan, and every mistake is said with its place. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Fault } from '../base/index.ts';
import { findingText, type Known, parsePlan, plan, planJsonSchema, readPlanText } from './index.ts';

const INCIDENT = `
name: incident
version: '2'
goal: bring it back
input: { type: object, properties: { service: { type: string } } }
budget: { money: 5, time: 10m }
deadline: 1h
labels: [ops]
steps:
  logs: { ask: read-logs, with: { service: '\${input.service}' } }
  cause: { ask: find-cause, after: [logs], with: '\${steps.logs}', retry: { tries: 2, first: 200ms }, timeout: 30s }
  approve: { gate: { right: 'gate:sre', timeout: 2d }, after: [cause] }
  restart:
    effect: restart
    class: irreversible
    gate: approve
    after: [approve, { cause: completion }]
    lesser: [drain, { ask: page, agent: pager }]
output: '\${steps.restart}'
`;

test('a plan in YAML', () => {
  expect(parsePlan(INCIDENT)).toEqual({
    name: 'incident',
    version: '2',
    goal: 'bring it back',
    input: { type: 'object', properties: { service: { type: 'string' } } },
    budget: { money: 5, timeMs: 600_000 },
    deadlineMs: 3_600_000,
    labels: ['ops'],
    steps: [
      { name: 'logs', kind: 'ask', input: { service: '${input.service}' }, spec: { skill: 'read-logs' } },
      {
        name: 'cause',
        kind: 'ask',
        after: [{ step: 'logs' }],
        input: '${steps.logs}',
        spec: { skill: 'find-cause', retry: { tries: 2, firstMs: 200 }, timeoutMs: 30_000 },
      },
      { name: 'approve', kind: 'gate', after: [{ step: 'cause' }], spec: { right: 'gate:sre', waitMs: 172_800_000 } },
      {
        name: 'restart',
        kind: 'effect',
        after: [{ step: 'approve' }, { step: 'cause', when: 'completion' }],
        spec: {
          skill: 'restart',
          effect: 'irreversible',
          gate: 'approve',
          lesser: [{ skill: 'drain' }, { skill: 'page', agent: 'pager' }],
        },
      },
    ],
    output: '${steps.restart}',
  });
});

test('JSON is YAML', () => {
  const words = { name: 'x', steps: { a: { ask: 'do' } } };
  expect(parsePlan(JSON.stringify(words)).steps).toEqual([{ name: 'a', kind: 'ask', spec: { skill: 'do' } }]);
});

test('left out, `after` is what a step uses, and a gate comes before what it guards', () => {
  const { steps } = parsePlan(`
name: x
steps:
  a: { ask: do }
  ok: { gate: sre }
  b: { ask: do, if: steps.a.good, with: [ '\${steps.a.x}', 'no \${faults.a}' ], gate: ok }
  each: { map: '\${input}', key: '\${item.id}', steps: { y: { ask: do, with: '\${steps.b}' } } }
  free: { ask: do, after: [] }`);
  expect(steps.map((s) => s.after?.map((edge) => edge.step))).toEqual([
    undefined,
    undefined,
    ['a', 'ok'],
    ['b'],
    undefined,
  ]);
});

test('the builder gives the same plan as YAML', () => {
  const built = plan('incident', {
    version: '2',
    goal: 'bring it back',
    input: { type: 'object', properties: { service: { type: 'string' } } },
    budget: { money: 5, time: '10m' },
    deadline: '1h',
    labels: ['ops'],
  })
    .step('logs', { ask: 'read-logs', with: { service: '${input.service}' } })
    .step('cause', {
      ask: 'find-cause',
      after: ['logs'],
      with: '${steps.logs}',
      retry: { tries: 2, first: '200ms' },
      timeout: '30s',
    })
    .step('approve', { gate: { right: 'gate:sre', timeout: '2d' }, after: 'cause' })
    .step('restart', {
      effect: 'restart',
      class: 'irreversible',
      gate: 'approve',
      after: ['approve', { cause: 'completion' }],
      lesser: ['drain', { ask: 'page', agent: 'pager' }],
    })
    .give('${steps.restart}');
  expect(built.plan()).toEqual(parsePlan(INCIDENT));
  expect(built.workflow()).toMatchObject({ name: 'incident', version: '2', deadlineMs: 3_600_000 });
});

test('the builder: zod schemas, bodies, and what the compiler refuses', () => {
  const made = plan('x', { input: z.object({ items: z.array(z.string()) }) })
    .step('all', {
      map: 'input.items',
      key: 'item',
      steps: (body) => body.step('one', { ask: 'do', with: '${item}' }).give('${steps.one}'),
    })
    .step('sum', { ask: 'add', with: '${steps.all}', returns: z.object({ total: z.number() }) })
    .plan();
  expect(made.steps[0]?.body).toEqual({
    steps: [{ name: 'one', kind: 'ask', input: '${item}', spec: { skill: 'do' } }],
    output: '${steps.one}',
  });
  expect(made.steps[1]?.output).toMatchObject({ type: 'object', required: ['total'] });
  expect(() =>
    plan('x')
      .step('a', { ask: 'do' })
      // @ts-expect-error there is no step 'c'
      .step('b', { ask: 'do', after: 'c' })
      .plan(),
  ).toThrow("there is no step 'c'");
  expect(() => plan('x').step('a', { ask: 'do' }).step('a', { ask: 'do' }).plan()).toThrow("two steps are named 'a'");
});

/** Codes and texts of what is wrong. */
function wrong(yaml: string, known?: Known): string[] {
  return readPlanText(yaml, known).findings.map((finding) => `${finding.code} ${findingText(finding)}`);
}

test('all kinds of mistakes are told in one go, and none that only follows from another', () => {
  const text = `naem: p
steps:
  a: { aks: do }
  b: { ask: lok, after: [c, a] }
  d: { ask: look, retry: { tires: 2 }, with: '\${steps.nope}' }
  m: { map: '\${input.xs}', key: 5, steps: { x: { ask: look } } }
  g: { effect: look, gate: a }
output: '\${steps.zz}'
`;
  const known = { skills: { look: { effect: 'pure' as const } } };
  expect(readPlanText(text, known).findings.map(({ code, place }) => `${code} ${place}`)).toEqual([
    'shape name',
    'shape ',
    'shape steps.a',
    'skill steps.b',
    'unknown-step steps.b.after[0]',
    'shape steps.d.retry',
    'unknown-step steps.d.with',
    'shape steps.m.key',
    'unknown-step output',
  ]);
  expect(wrong('name: x\nsteps:\n  a: { ask: b, retry: { tires: 2 } }')[0]).toContain("(did you mean 'tries'?)");
});

describe('mistakes in the text, with line and column', () => {
  test.each([
    ['name: x\nsteps:\n\ta: 1', /^syntax 3:1: .*tab/i],
    ['name: x\nsteps: { a: { ask: do }', /^syntax \d:\d+: /],
    ['name: x\nsteps: { a: { ask: do }, a: { ask: do } }', /^syntax 2:26: .*unique.*Rename/],
    ['name: x\nsteps:\n  a: { aks: do }', /^shape 3:3 steps.a: 'aks' is no word here \(did you mean 'ask'\?\)/],
    [
      'name: x\nsteps:\n  a: { gate: { right: r, with: 1 } }',
      /^shape 3:8 steps.a.gate: 'with' is no word here. Put 'with' beside 'gate'/,
    ],
    [
      'name: x\nsteps:\n  a: { ask: b, alternatives: [{ ask: c, agnet: d }] }',
      /agnet' is no word here \(did you mean 'agent'\?\). Words here: ask, effect, agent, cost, steps, output\./,
    ],
    [
      'name: x\nsteps:\n  a: { alternatives: [{ steps: { m: { ask: c, tiemout: 3s } } }] }',
      /^shape 3:34 steps\.a\.alternatives\[0\]\.steps\.m: 'tiemout' is no word here \(did you mean 'timeout'\?\)/,
    ],
    [
      'name: x\nsteps:\n  a: { alternatives: [{ steps: { m: { map: [1], steps: {} } } }] }',
      /^shape 3:39 steps\.a\.alternatives\[0\]\.steps\.m\.map: /,
    ],
    [
      'name: x\nsteps:\n  a: { ask: b, alternatives: [{ steps: { m: { ask: c } }, cost: 2 }] }',
      /^shape 3:\d+ steps\.a\.alternatives\[0\]\.steps: a way is one call, or `steps` of its own$/,
    ],
    [
      'name: x\nsteps:\n  a: { ask: b, alternatives: [{ ask: c, effect: d }] }',
      /^shape 3:\d+ steps\.a\.alternatives\[0\]: it says ask and effect at once/,
    ],
    ['name: x\nsteps:\n  a: { gate: {}, alternatives: [b] }', /^shape 3:3 steps.a: a gate has no alternatives/],
    ['name: x\nsteps:\n  a: { map: "1", key: k, need: { atleast: 1 } }', /steps.a.need.atLeast: .*received undefined/],
    ['name: x\nsteps:\n  a: { ask: b, timeout: soon }', /steps.a.timeout: write 500ms, 30s/],
    ['steps: { a: { ask: do } }', /^shape 1:1 name: /],
    ['name: x\nsteps:\n  a: { with: 1 }', /^shape 3:3 steps.a: it does not say what it does. Give it one of: ask, /],
    ['name: x\nsteps:\n  a: { ask: b, code: c }', /^shape 3:3 steps.a: it says ask and code at once/],
    ['name: x\nsteps:\n  a: { ask: b, timeout: 5 years }', /^shape 3:16 steps.a.timeout: /],
    ['just text', /^shape 1:1: /],
  ])('%j', (yaml, expected) => {
    expect(wrong(yaml).join('\n')).toMatch(expected);
  });
});

const STEPS = (steps: string) =>
  `name: x\ninput: { type: object, properties: { n: { type: number } } }\nsteps:\n${steps}`;
const KNOWN: Known = {
  skills: {
    do: {
      input: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
      output: { type: 'string' },
    },
    list: { output: { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } } },
    alone: {},
    burn: { effect: 'irreversible' },
    any: {},
  },
  agents: [{ name: 'bob', skills: ['do', 'list', 'burn', 'any'], effect: 'pure' }],
  functions: ['sum'],
  workflows: { other: {} },
};

describe('mistakes in the plan, with place and reason', () => {
  test.each<[string, string, string]>([
    [
      'cycle',
      `  a: { ask: any, after: c }\n  b: { ask: any, after: a }\n  c: { ask: any, after: b }`,
      `cycle 4:3 steps.a: these wait for each other: 'a' → 'b' → 'c' → 'a'. Take one edge away.`,
    ],
    ['itself', `  a: { ask: any, after: a }`, `these wait for each other: 'a' → 'a'`],
    [
      'edge',
      `  logs: { ask: any }\n  b: { ask: any, after: [log] }`,
      `unknown-step 5:26 steps.b.after[0]: there is no step 'log' (did you mean 'logs'?)`,
    ],
    [
      'outside',
      `  a: { ask: any }\n  m: { map: '[1]', key: item, steps: { x: { ask: any, after: a } } }`,
      `'a' stands outside: edges stay within one body. Let 'm' come after 'a'.`,
    ],
    ['skill', `  a: { ask: doo }`, `skill 4:3 steps.a: there is no skill 'doo' (did you mean 'do'?)`],
    ['nobody', `  a: { ask: alone }`, `nobody 4:3 steps.a: nobody here has the skill 'alone'`],
    [
      'agent',
      `  a: { ask: any, agent: eve }`,
      `nobody 4:3 steps.a: 'eve' does not have the skill 'any'; these do: bob`,
    ],
    ['lesser', `  a: { ask: any, lesser: [nope] }`, `skill 4:27 steps.a.lesser[0]: there is no skill 'nope'`],
    [
      'unreachable',
      `  a: { ask: any }\n  h: { ask: any, after: { a: failure } }\n  b: { ask: any, after: [a, h] }`,
      `unreachable 6:3 steps.b: it can never run: it needs 'a' both to succeed and to fail`,
    ],
    [
      'too few',
      `  a: { ask: any }\n  b: { ask: any, after: a, join: { atLeast: 2 } }`,
      `unreachable 5:28 steps.b.join: it needs 2 of 1 steps, so it can never run`,
    ],
    [
      'expression',
      `  a: { ask: any, if: 'input.n >' }`,
      `expression 4:18 steps.a.if: in the expression 'input.n >' at character 10: Unexpected token: EOF`,
    ],
    ['variable', `  a: { ask: any, with: '\${inputs.n}' }`, `'inputs' is not known here (did you mean 'input'?)`],
    [
      'step as variable',
      `  a: { ask: any }\n  b: { ask: any, after: a, with: '\${a}' }`,
      `'a' is not known here (the step is read as steps.a)`,
    ],
    ['function in an expression', `  a: { ask: any, with: '\${now()}' }`, `no matching overload for 'now()'`],
    ['item outside of a map', `  a: { ask: any, with: '\${item}' }`, `'item' is not known here`],
    [
      'reads what is not before',
      `  a: { ask: any }\n  b: { ask: any, after: [], with: '\${steps.a}' }`,
      `not-before 5:29 steps.b.with: it reads 'a', which does not come before it`,
    ],
    ['reads a typo', `  a: { ask: any, with: '\${steps.b}' }`, `there is no step 'b'`],
    [
      'map without key',
      `  m: { map: '[1]', steps: { x: { ask: any } } }`,
      `map-key 4:3 steps.m: a map needs a key for its items`,
    ],
    ['map without steps', `  m: { map: '[1]', key: item }`, `a map needs steps of its own`],
    [
      'map of no list',
      `  m: { map: input.n, key: item, steps: { x: { ask: any } } }`,
      `'input.n' gives a number, not a list`,
    ],
    [
      'loop without end',
      `  l: { loop: 0, steps: { x: { ask: any } } }`,
      `loop-end 4:3 steps.l: this loop never ends. Give it \`until\` or \`turns\`.`,
    ],
    [
      'function',
      `  a: { code: sun }`,
      `function 4:8 steps.a.code: no function is registered as 'sun' (did you mean 'sum'?)`,
    ],
    [
      'workflow',
      `  a: { workflow: othr }`,
      `workflow 4:8 steps.a.workflow: no workflow is registered as 'othr' (did you mean 'other'?)`,
    ],
    [
      'type of an input',
      `  a: { ask: do, with: { n: 'three' } }`,
      `type 4:25 steps.a.with.n: it is given a string, and takes a number`,
    ],
    ['missing member', `  a: { ask: do, with: {} }`, `'n' is missing`],
    [
      'type of an output',
      `  l: { ask: list }\n  a: { ask: do, with: { n: '\${steps.l.items}' } }`,
      `'steps.l.items' does not fit: it is a list, and a number is taken`,
    ],
    [
      'no such member',
      `  l: { ask: list }\n  a: { ask: any, with: '\${steps.l.itms}' }`,
      `type 5:18 steps.a.with: steps.l has no 'itms' (did you mean 'items'?). It has: items.`,
    ],
    [
      'whole input',
      `  a: { ask: do, with: '\${input.n}' }`,
      `'input.n' does not fit: it is a number, and an object is taken`,
    ],
    ['no schema', `  a: { ask: any, returns: { type: nonsense } }`, `this is no JSON Schema`],
    ['ungated', `  a: { ask: burn }`, `gate 4:3 steps.a: it cannot be undone, and passes no gate`],
    [
      'race',
      `  a: { ask: burn }\n  b: { ask: any }\n  c: { ask: any, after: [a, b], join: any }`,
      `race 6:33 steps.c.join: 'a' races others towards 'c', cannot be undone and passes no gate`,
    ],
    [
      'race of items',
      `  m: { map: '[1,2]', key: item, need: any, steps: { x: { effect: any, class: irreversible } } }`,
      `race 4:33 steps.m.need: its items race each other, and 'x' cannot be undone and passes no gate`,
    ],
    [
      'no such gate',
      `  ok: { gate: sre }\n  a: { ask: burn, gate: okay }`,
      `gate 5:19 steps.a.gate: there is no gate 'okay' (did you mean 'ok'?)`,
    ],
    ['no gate', `  ok: { ask: any }\n  a: { ask: burn, gate: ok }`, `'ok' is no gate: it is a step of kind 'ask'`],
    ['name', `  'a/b': { ask: any }`, `'a/b' is no name for a step`],
    ['was', `  a: { ask: any, was: old }\n  b: { ask: any, was: old }`, `'a' says already that it was 'old'`],
  ])('%s', (_, steps, expected) => {
    expect(wrong(STEPS(steps), KNOWN).join('\n')).toContain(expected);
  });

  test('a gated race is none', () => {
    const steps = `  ok: { gate: sre }\n  a: { ask: burn, gate: ok }\n  b: { ask: any }\n  c: { ask: any, after: [a, b], join: any }`;
    expect(wrong(STEPS(steps), KNOWN)).toEqual([]);
  });

  test('what a step has to pass holds in its ways', () => {
    const steps = (held: string) => `  a: { ask: any${held}, alternatives: [{ steps: { b: { ask: burn } } }] }`;
    expect(wrong(STEPS(steps(', right: boss')), KNOWN)).toEqual([]);
    expect(wrong(STEPS(steps('')), KNOWN).join()).toContain('steps.b: it cannot be undone, and passes no gate');
  });

  test('what is shared by all branches runs no race; expressions of a deep body see what is around', () => {
    const steps = `
  ok: { gate: sre }
  first: { ask: burn, right: boss }
  a: { ask: any, after: first }
  b: { ask: any, after: first }
  c: { ask: any, after: [a, b], join: any, with: '\${first}' }
  m:
    map: steps.c.list
    key: item.id
    steps:
      l: { loop: '\${item}', until: carry.done && steps.z.done, steps: { z: { ask: any, with: ['\${carry}', '\${turn}', '\${key}', '\${steps.c}'] } } }`;
    expect(wrong(STEPS(steps), KNOWN)).toEqual([]);
  });

  test('all of them at once, in one fault', () => {
    const yaml = STEPS(`  a: { ask: nope, after: b, if: '1 +' }\n  m: { map: '[1]', steps: { x: { code: none } } }`);
    expect(wrong(yaml, KNOWN).length).toBe(5);
    try {
      parsePlan(yaml, { known: KNOWN, file: 'x.yaml' });
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Fault);
      expect((thrown as Fault).message).toContain('\n  x.yaml:4:19 steps.a.after[0]: there is no step');
    }
  });
});

test('the shape as JSON Schema, for editors', () => {
  expect(planJsonSchema()).toMatchObject({ type: 'object', properties: { steps: { type: 'object' } } });
});
