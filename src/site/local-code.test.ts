/** A local function that never comes back is a fault when its time is up; its late answer is nobody's. */
import { expect, test } from 'vitest';
import { plan, workflow } from '../author/index.ts';
import { createTrial } from '../lab/trial/index.ts';

const never = () => new Promise<string>(() => {});

test('by its own timeout, by its deadline, and after ten minutes where it says nothing', async () => {
  const trial = createTrial();
  const own = workflow('own', (run) => run.code('hang', never, { timeoutMs: 50 }));
  const until = workflow('until', (run) => run.code('hang', never, { deadlineMs: 70 }));
  const silent = workflow('silent', (run) => run.code('hang', never));
  const healed = workflow('healed', (run) => run.code('hang', never, { timeoutMs: 50 }).catch(() => 'went on'));
  const asData = plan('data').step('hang', { code: 'never', timeout: '50ms' }).workflow();
  const flows = [own, until, silent, healed, asData];
  const { site } = await trial.open({ workflows: flows, functions: { never } });
  for (const { name } of flows) await site.start(name, null, { id: name });
  const begun = trial.clock.nowMs();
  const took: Record<string, number> = {};
  await trial.clock.until(async () => {
    for (const { name } of flows) if (await trial.isEnded(name)) took[name] ??= trial.clock.nowMs() - begun;
    return Object.keys(took).length === flows.length;
  }, 3_600_000);
  expect(took).toMatchObject({ own: 50, until: 70, healed: 50, data: 50, silent: 600_000 });
  for (const name of ['own', 'until', 'silent', 'data'])
    expect((await site.state(name)).steps.get('hang')).toMatchObject({
      out: 'failed',
      fault: { code: 'step.timeout' },
    });
  expect((await site.state('healed')).output).toBe('went on');
  await site.stop({ graceMs: 0 });
});
