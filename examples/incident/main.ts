/** An incident's runbook as YAML: logs and metrics at once, a cause, a person's word, then a restart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionAgent, openSite, parsePlan, planWorkflow } from '../../src/index.ts';
import { check } from '../check.ts';

const file = join(import.meta.dirname, 'runbook.yaml');
const runbook = planWorkflow(parsePlan(readFileSync(file, 'utf8'), { file }));

const restarted: string[] = [];
let looked = 0;
const ops = functionAgent('ops', {
  skills: {
    'read-logs': ({ service }: { service: string }) => `${service}: out of memory`,
    'read-metrics': ({ service }: { service: string }) => ({ service, memory: 0.99 }),
    'find-cause'({ logs }: { logs: string }) {
      // The first look fails: it is tried again.
      if (looked++ === 0) throw new Error('the model was down');
      return { kind: logs.includes('memory') ? 'leak' : 'unknown' };
    },
    'page-person': () => 'paged',
    restart: {
      effect: 'idempotent',
      keyed: true,
      run: ({ service }: { service: string }) => void restarted.push(service),
    },
  },
});
const second = functionAgent('second', { skills: { 'find-cause': () => ({ kind: 'leak' }) } });

const site = await openSite({ workflows: [runbook], agents: [ops, second] });
const handle = await site.start('incident', { service: 'checkout' });
await handle.untilAsked('approve');
await site.approve(handle.run, 'approve', { by: { id: 'sam', rights: ['gate:sre'] } });
const output = await handle.output();
const state = await site.state(handle.run);
await site.stop();

console.log('an incident, worked by a runbook');
check('the cause was found, although the first look failed', (output as { cause: string }).cause === 'leak');
check('the service was restarted once, after a person said so', restarted.join() === 'checkout');
check('the branch that was not needed was skipped', state.steps.get('page')?.out === 'skipped');
