/** `skein faults` at a site that is down: the circle of failures by name, and what became of one of its runs. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePlan, planWorkflow } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { openStore } from '../../src/ports/store/index.ts';
import { openSite } from '../../src/site/site.ts';
import { makeProject, type Project } from './project.ts';

let project: Project;
beforeAll(() => void (project = makeProject()));
afterAll(() => project.close());

test('a fails b fails a, after the site has stopped', async () => {
  const file = join(project.folder, 'down.db');
  const store = await openStore(file);
  const flow = planWorkflow(parsePlan('{ name: work, steps: { a: { ask: think, retry: { tries: 1 } } } }'));
  const swamped = (name: string) =>
    functionAgent(name, {
      skills: {
        think: () => {
          throw new Fault('agent.failed', `${name} is swamped`);
        },
      },
    });
  const agents = [swamped('left'), swamped('right')];
  const site = await openSite({ store, agents, workflows: [flow], health: false });
  for (let i = 0; i < 40; i++) await site.handle((await site.start(flow, null)).run).result();
  await site.stop({ graceMs: 0 });
  await store.close();

  const said = await project.skein('faults', '--store', file);
  expect(said.code).toBe(0);
  expect(said.out).toMatch(/^think {2}(left -> right -> left|right -> left -> right)$/m);
  const { cascades } = (await project.skein('faults', '--store', file, '--json')).json<{
    cascades: { circle: string[]; runs: string[] }[];
  }>();
  expect(cascades.map((one) => one.circle.toSorted())).toEqual([['left', 'right']]);
  const one = await project.skein('faults', cascades[0]!.runs[0]!, '--store', file);
  expect(one.out).toContain('escalated to run');
});

test('none where there are none', async () => {
  const file = join(project.folder, 'calm.db');
  const store = await openStore(file);
  await store.close();
  const { code, out } = await project.skein('faults', '--store', file);
  expect({ code, out }).toEqual({
    code: 0,
    out: 'no failures that keep themselves going; looked at the last 0 records\n',
  });
});
