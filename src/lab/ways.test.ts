/** Declared ways: the cheapest from where the work stands; what does not fit is undone, or the way is shut. */
import { expect, test } from 'vitest';
import { Fault, faultToData } from '../base/index.ts';
import { parsePlan } from '../author/index.ts';
import type { Candidate, Decision, Event, Plan } from '../model/index.ts';
import { given, types } from '../../test/workloads/given.ts';

/** A plan under way, whose skills have one agent of the same name each. */
function under(text: string, facts: Record<string, Partial<Candidate> | null> = {}) {
  const plan: Plan = parsePlan(text);
  const run = given({ plan: { hash: 'p', plan } });
  const events: Event[] = [];
  const see = (decision: Decision): Decision => {
    events.push(...decision.events);
    for (const command of decision.commands)
      if (command.do === 'findCandidates') {
        const { skill } = command;
        const fact = facts[skill];
        const candidates =
          fact === null ? [] : [{ agent: skill, effect: 'pure', price: { money: 1 }, ...fact } as Candidate];
        see(run.take({ in: 'candidates', skill, position: 1, candidates }));
      }
    return decision;
  };
  see({ events: [], commands: [{ do: 'findCandidates', skill: '' }] } as unknown as Decision);
  const out = () => {
    for (const step of run.state.steps.values()) {
      const open = step.attempts?.find((a) => a.status === 'open');
      if (open !== undefined) return { step: step.id, n: open.n, agent: open.agent };
    }
    return undefined;
  };
  return {
    run,
    events,
    out,
    begin: (admitted: Decision) => see(admitted),
    ok: (data: string) => see(run.take({ in: 'answer', ...pick(out()!), data })),
    fails: () =>
      see(
        run.take({
          in: 'answer',
          ...pick(out()!),
          fault: faultToData(new Fault('agent.busy', 'down', { retry: 'elsewhere' })),
        }),
      ),
    undone: (step: string, fault?: Fault) => see(run.take({ in: 'undone', step, fault: fault && faultToData(fault) })),
    find(skill: string) {
      const fact = facts[skill];
      const candidates =
        fact === null ? [] : [{ agent: skill, effect: 'pure', price: { money: 1 }, ...fact } as Candidate];
      return see(run.take({ in: 'candidates', skill, position: 1, candidates }));
    },
  };
}

const pick = ({ step, n }: { step: string; n: number }) => ({ step, n });

const LINE = `
name: line
steps:
  pay: { ask: stripe, with: 5, cost: 0.3, alternatives: [{ ask: razorpay, cost: 0.5 }, { ask: cash, cost: 0.9 }] }
`;

test('the cheapest that is open is taken, and the others are weighed in the journal', () => {
  const at = under(LINE, { stripe: { healthy: false } });
  for (const skill of ['stripe', 'razorpay', 'cash']) at.find(skill);
  expect(at.out()).toEqual({ step: 'pay/way1', n: 1, agent: 'razorpay' });
  expect(at.events.find((e) => e.type === 'way.taken')).toMatchObject({
    way: 0,
    why: 'cheapest',
    cost: 0.5,
    others: [
      { way: -1, shut: [{ agent: 'stripe', why: 'unhealthy', step: 'pay' }] },
      { way: 1, cost: 0.9 },
    ],
  });
  expect(at.run.state.steps.get('pay/way1')?.input).toBe(5);
});

test('found out under way: the next cheapest, until none is left; the cut set names them all, and only them', () => {
  const at = under(LINE);
  for (const skill of ['stripe', 'razorpay', 'cash']) at.find(skill);
  expect(at.out()?.agent).toBe('stripe');
  at.fails();
  expect(at.out()?.agent).toBe('razorpay');
  at.fails();
  expect(at.out()?.agent).toBe('cash');
  const end = at.fails();
  expect(at.run.state.outcome).toBe('failed');
  const escalated = end.events.findLast((e) => e.type === 'fault.escalated');
  expect(escalated).toMatchObject({
    step: 'pay',
    to: 'run',
    cut: [{ agent: 'stripe' }, { agent: 'razorpay' }, { agent: 'cash' }],
  });
});

test('healed by another way: said so, with what the way gave', () => {
  const at = under(LINE);
  for (const skill of ['stripe', 'razorpay', 'cash']) at.find(skill);
  at.fails();
  const end = at.ok('paid');
  expect(types(end)).toEqual(['attempt.ended', 'step.settled', 'fault.healed', 'step.settled', 'run.ended']);
  expect(end.events.find((e) => e.type === 'fault.healed')).toMatchObject({ step: 'pay', by: 'alternative' });
  expect(at.run.state.output).toBe('paid');
});

const TRIP = (hotel: string) => `
name: trip
steps:
  stay:
    ask: package
    cost: 9
    alternatives:
      - steps:
          hotel: { effect: hotel, class: ${hotel}, right: book, with: 1, cost: 0.3 }
          ride: { ask: car, with: '\${steps.hotel}', cost: 0.3, alternatives: [{ ask: bus, cost: 0.4 }] }
      - steps:
          hostel: { effect: hostel, class: reversible, with: 1, cost: 0.4 }
          ride2: { ask: tram, with: '\${steps.hostel}', cost: 0.4 }
`;
const SKILLS = ['package', 'hotel', 'hostel', 'car', 'bus', 'tram'];
const book = (at: ReturnType<typeof under>) =>
  at.run.take({
    in: 'gate',
    step: 'stay/hotel',
    id: 'g',
    choice: 'approve',
    by: { id: 'p', rights: ['*'] },
    letter: '',
  });

test('from the frontier: what is done stays done while the way holds', () => {
  const at = under(TRIP('reversible').replace('right: book, ', ''), { hotel: { effect: 'reversible', undoes: true } });
  for (const skill of SKILLS) at.find(skill);
  at.ok('room');
  at.fails();
  expect(at.out()).toMatchObject({ step: 'stay/ride/way1', agent: 'bus' });
  at.ok('seat');
  expect(at.run.state.outcome).toBe('completed');
  expect(at.events.filter((e) => e.type === 'undo.begun')).toEqual([]);
});

test('an effect that the new way contradicts is undone before anything of that way begins', () => {
  const at = under(TRIP('reversible').replace('right: book, ', ''), { hotel: { effect: 'reversible', undoes: true } });
  for (const skill of SKILLS) at.find(skill);
  at.ok('room');
  at.fails();
  const left = at.fails();
  expect(types(left).slice(-2)).toEqual(['way.taken', 'undo.begun']);
  expect(left.commands).toMatchObject([{ do: 'undo', step: 'stay/hotel', agent: 'hotel' }]);
  expect(left.barrier).toBe(true);
  expect(at.out()).toBeUndefined();
  at.undone('stay/hotel');
  expect(at.out()).toMatchObject({ step: 'stay/hostel', agent: 'hostel' });
  at.ok('bed');
  at.ok('ticket');
  expect(at.run.state).toMatchObject({ outcome: 'completed', output: 'ticket' });
});

test('a take-over while an undo is out asks for it again, and goes on from there', () => {
  const at = under(TRIP('reversible').replace('right: book, ', ''), { hotel: { effect: 'reversible', undoes: true } });
  for (const skill of SKILLS) at.find(skill);
  at.ok('room');
  at.fails();
  at.fails();
  const claim = at.run.take({ in: 'claim', worker: 'w2', epoch: 2 });
  expect(claim.commands.filter((c) => c.do === 'undo')).toMatchObject([{ step: 'stay/hotel' }]);
  at.undone('stay/hotel');
  expect(at.out()).toMatchObject({ step: 'stay/hostel' });
});

test('where an effect cannot be undone the way is shut, and the cut set says so', () => {
  const at = under(TRIP('irreversible'), { hotel: { effect: 'irreversible' } });
  for (const skill of SKILLS) at.find(skill);
  at.begin(book(at));
  at.ok('room');
  at.fails();
  const end = at.fails();
  expect(end.events.findLast((e) => e.type === 'fault.escalated')).toMatchObject({ step: 'stay' });
  const cut = (end.events.findLast((e) => e.type === 'fault.escalated') as { cut: object[] }).cut;
  expect(cut).toContainEqual(expect.objectContaining({ step: 'stay/hotel', why: 'done, and cannot be undone' }));
});

test('an undo that fails for good shuts the way it was for: nothing of it begins', () => {
  const at = under(TRIP('reversible').replace('right: book, ', ''), { hotel: { effect: 'reversible', undoes: true } });
  for (const skill of SKILLS) at.find(skill);
  at.ok('room');
  at.fails();
  at.fails();
  const end = at.undone('stay/hotel', new Fault('agent.refused', 'no'));
  expect(at.run.state.outcome).toBe('failed');
  expect(end.events.filter((e) => e.type === 'fault.escalated').map((e) => (e as { step: string }).step)).toEqual([
    'stay/hotel',
    'stay',
  ]);
  expect([...at.run.state.steps.keys()]).not.toContain('stay/hostel');
});

test('a step with ways asks for everybody it does not know, whatever was asked beside it or brought it about', () => {
  const WAYS = 'ask: hard, alternatives: [{ steps: { other: { ask: think } } }]';
  const wanted = (decision: Decision) =>
    decision.commands.flatMap((one) => (one.do === 'findCandidates' && one.step === undefined ? [one.skill] : []));
  // The neighbour's own search for the same skill finds nothing for it.
  const beside = given({
    plan: {
      hash: 'p',
      plan: parsePlan(
        `{ name: t, steps: { first: { code: x }, goal: { ${WAYS}, after: first }, near: { ask: think, after: first } } }`,
      ),
    },
  });
  expect(wanted(beside.take({ in: 'ran', step: 'first' })).toSorted()).toEqual(['hard', 'think']);
  // It begins in the turn that says what was found for another.
  const after = given({
    plan: {
      hash: 'q',
      plan: parsePlan(
        `{ name: t, steps: { first: { ask: lost }, goal: { ${WAYS}, after: { step: first, when: completion } } } }`,
      ),
    },
  });
  const found = after.take({ in: 'candidates', skill: 'lost', position: 1, candidates: [] });
  expect(types(found)).toContain('step.settled');
  expect(wanted(found).toSorted()).toEqual(['hard', 'think']);
});
