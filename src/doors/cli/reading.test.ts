import { afterEach, expect, test } from 'vitest';
import { parsePlan, planWorkflow } from '../../author/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import { stepsOf } from './reading.ts';
import { mustHaveSteps } from './there.ts';

let site: Site;
afterEach(() => site.stop());

test('the steps of a run are those asked for, those that could not run, and those that were renamed', async () => {
  const flow = (steps: string) => planWorkflow(parsePlan(`name: flow\nsteps: { ${steps} }`));
  site = await openSite({ functions: { say: () => 1 } });
  const { run, result } = await site.start(
    flow(`a: { code: say }, never: { code: say, if: 'false' }, held: { signal: go, after: a }`),
  );
  await expect.poll(() => stepsOf(site.store, run)).toEqual(new Set(['a', 'never', 'held']));
  await site.replan(run, flow(`b: { code: say, was: a }, held: { signal: go, after: b }`));
  await site.signal(run, 'go');
  await result();
  await mustHaveSteps(site.store, run, 'a', 'b', 'never', 'held');
  await expect(mustHaveSteps(site.store, run, 'b', 'hold')).rejects.toMatchObject({
    code: 'not-found',
    detail: { next: `Did you mean held? Its steps: skein show ${run}` },
  });
});
