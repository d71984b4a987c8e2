/** Workflows as data: every kind of plan step, and a plan that is changed under way. */
import { parsePlan, planWorkflow } from '../../src/author/index.ts';
import { Fault } from '../../src/base/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import type { Workload } from './lab.ts';

const incident = parsePlan(`
name: incident
steps:
  logs: { ask: read-logs, with: { service: '\${input.service}' } }
  each:
    map: steps.logs
    key: index
    steps: { size: { code: double, with: '\${size(item)}' } }
  grow:
    loop: 1
    until: 'carry > 10'
    steps: { more: { code: double, with: '\${carry}' } }
  cause: { ask: find-cause, after: logs }
  calm: { code: double, with: 1, if: 'steps.cause == "nothing"', after: cause }
  sub: { plan: planner, after: cause }
  first: { code: double, with: 3, after: [cause, sub], need: any }
  approve: { gate: { right: 'gate:sre' }, after: [sub, each, grow] }
  restart: { effect: restart, class: irreversible, gate: approve, with: '\${steps.each}' }
output: '\${steps.restart}'`);

const helper = () =>
  functionAgent('bob', {
    skills: {
      'read-logs': (input: { service: string }) => [`${input.service}: oom`, 'oom'],
      'find-cause': () => 'memory',
      planner: () => ({ steps: { check: { code: 'double', with: 21 } } }),
      restart: { effect: 'irreversible', run: (input: unknown) => ({ restarted: input }) },
    },
  });

const functions = { double: (n: number) => n * 2 };

const trip = parsePlan(`
name: trip
steps:
  stay:
    ask: package
    with: { city: Rome }
    alternatives:
      - steps:
          hotel: { effect: hotel, class: reversible, with: '\${asked}' }
          ride: { ask: car, with: '\${steps.hotel}' }
      - { ask: tour, cost: 5 }
  gift: { ask: gift, lesser: [card], person: shop }
output: { stay: '\${steps.stay}', gift: '\${steps.gift}' }`);

const down = () => {
  throw new Fault('agent.failed', 'down');
};

const guide = () =>
  functionAgent('gil', {
    skills: {
      package: { price: { money: 9 }, run: down },
      hotel: { effect: 'reversible', price: { money: 1 }, run: () => 'room', undo: () => {} },
      car: down,
      tour: (asked: { city: string }) => `a tour of ${asked.city}`,
      gift: down,
      card: down,
    },
  });

export const dataWorkloads: Workload[] = [
  {
    name: 'incident',
    about: 'a plan: calls, map, loop, a condition, a grafted plan, a gate, an irreversible effect',
    async run(lab) {
      const flow = planWorkflow(incident);
      const site = await lab.open([flow], [helper()], { functions });
      const { run } = await site.start(flow, { service: 'db' });
      await lab.until(run, 'the gate', (s) => s.open.has('approve'));
      await site.approve(run, 'approve');
      await site.handle(run).output();
      return [run];
    },
  },
  {
    name: 'ways',
    about:
      'declared ways: one is left, what it did is undone, another is taken; a person is asked at the end of a ladder',
    async run(lab) {
      const flow = planWorkflow(trip);
      const site = await lab.open([flow], [guide()], { functions });
      const { run } = await site.start(flow);
      await lab.until(run, 'a person', (s) => s.steps.get('gift')?.at === 'person' && !s.open.has('stay'));
      await site.edit(run, 'gift', 'flowers');
      await site.handle(run).output();
      return [run];
    },
  },
];
