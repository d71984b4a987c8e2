/** A workflow as data at a real site: the same words, driven by the real driver. */
import { expect, test } from 'vitest';
import { parsePlan, plan, planWorkflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openSite } from '../site/site.ts';

const agents = [
  functionAgent('bob', {
    skills: {
      'read-logs': (input: { service: string }) => [`${input.service}: oom`, 'oom'],
      'find-cause': () => 'memory',
      planner: () => ({ steps: { check: { code: 'double', with: 21 } } }),
      restart: { effect: 'irreversible', run: (input: unknown) => ({ restarted: input }) },
    },
  }),
];

test('an incident, from logs to a gated restart', async () => {
  const incident = plan('incident')
    .step('logs', { ask: 'read-logs', with: { service: '${input.service}' } })
    .step('each', {
      map: 'steps.logs',
      key: 'index',
      steps: (body) => body.step('size', { code: 'double', with: '${size(item)}' }),
    })
    .step('grow', {
      loop: 1,
      until: 'carry > 100',
      steps: (body) => body.step('more', { code: 'double', with: '${carry}' }),
    })
    .step('cause', { ask: 'find-cause', after: 'logs' })
    .step('sub', { plan: 'planner', after: 'cause' })
    .step('approve', { gate: { right: 'gate:sre' }, after: ['sub', 'each', 'grow'] })
    .step('restart', {
      effect: 'restart',
      class: 'irreversible',
      gate: 'approve',
      with: ['${steps.each}', '${steps.grow}', '${steps.sub}'],
    })
    .give('${steps.restart}')
    .workflow();
  const site = await openSite({ agents, functions: { double: (n: number) => n * 2 } });
  const run = await site.start(incident, { service: 'db' });
  for (let i = 0; i < 200 && (await site.state(run.run)).steps.get('approve') === undefined; i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await site.approve(run.run, 'approve');
  expect(await run.output()).toEqual({ restarted: [[14, 6], 128, 42] });
  await site.stop();
});

test('a loop of 20,000 turns as data', async () => {
  const flow = parsePlan(
    `name: loop\nsteps: { l: { loop: 0, turns: 20000, steps: { x: { code: add, with: '\${carry}' } } } }`,
  );
  const site = await openSite({ functions: { add: (n: number) => n + 1 } });
  const run = await site.start(planWorkflow(flow));
  expect(await run.output()).toBe(20_000);
  await site.stop();
});
