/** `skein check` from outside: what is wrong with plans, and with what a configuration names. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeProject, type Project } from './project.ts';

let project: Project;
let skein: Project['skein'];
beforeAll(() => {
  project = makeProject();
  ({ skein } = project);
});
afterAll(() => project.close());

test('check says everything that is wrong, with its place', async () => {
  expect(await skein('check')).toMatchObject({ code: 0, out: '✓ 4 workflows, 1 agent\n' });
  writeFileSync(
    join(project.folder, 'wrong.yaml'),
    'name: wrong\nsteps:\n  a: { ask: lock }\n  b: { ask: look, after: [c] }\n',
  );
  const said = await skein('check', 'wrong.yaml');
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/^wrong.yaml:3:\d+ steps.a[^]*lock[^]*wrong.yaml:4:\d+ steps.b[^]*2 mistakes\n$/);
});

test('check knows what the effects of configured agents are: each by its own skills', async () => {
  const agents = `import { functionAgent } from '${join(import.meta.dirname, '../../src/index.ts')}';
export const agents = [
  functionAgent('mild', { skills: {
    keyed: { effect: 'idempotent', keyed: true, run: () => 1 },
    undone: { effect: 'reversible', undo: () => {}, run: () => 1 },
    shared: { effect: 'reversible', undo: () => {}, run: () => 1 },
  } }),
  functionAgent('harsh', { skills: { shared: { effect: 'irreversible', run: () => 1 } } }),
  { name: 'silent', process: ['true'], skills: [{ name: 'unsaid' }] },
];
`;
  const plan = `name: effects
steps:
  a: { effect: keyed }
  b: { effect: undone }
  c: { effect: shared, agent: mild }
  d: { effect: shared }
  e: { effect: unsaid }
  f: { ask: shared }
  g: { effect: shared, right: boss }
`;
  writeFileSync(join(project.folder, 'effects.agents.ts'), agents);
  writeFileSync(join(project.folder, 'effects.yaml'), plan);
  writeFileSync(join(project.folder, 'effects.config.yaml'), 'agents: [effects.agents.ts]\n');
  const { code, out } = await skein('check', 'effects.yaml', '--config', 'effects.config.yaml');
  expect(code).toBe(1);
  expect([...out.matchAll(/steps\.(\w): it cannot be undone, and passes no gate/g)].map(([, step]) => step)).toEqual([
    'd',
    'e',
    'f',
  ]);
  expect(out).toContain('3 mistakes');
});

test('check says whom rules name that nobody is', async () => {
  const agents = '[{ name: ada, process: [cat], skills: [{ name: look }] }]';
  writeFileSync(
    join(project.folder, 'ruled.yaml'),
    `agents: ${agents}\n` +
      'routing: { rules: [{ name: a, skill: lok, use: [ad], avoid: [bob] }, { name: b, skill: look, use: [ada] }] }\n' +
      'faults: { rules: [{ at: agents, kind: slow, of: eve }, { at: doors, kind: slow, of: http }] }\n',
  );
  const { code, out } = await skein('check', '--config', 'ruled.yaml');
  expect(code).toBe(1);
  expect(out.split('\n').filter((line) => !line.startsWith('  next: '))).toEqual([
    "routing.rules.0.skill: there is no skill 'lok' (did you mean 'look'?)",
    "routing.rules.0.use: there is no agent 'ad' (did you mean 'ada'?)",
    "routing.rules.0.avoid: there is no agent 'bob'",
    "faults.rules.0.of: there is no agent 'eve'",
    '4 mistakes',
    '',
  ]);
});
