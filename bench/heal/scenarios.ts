/** The 19 scenarios of the published self-healing router, with its graphs and its costs. */
import type { Graph, Scenario } from './graph.ts';

const call = (tool: string, cost: number): Graph => ({ tool, cost });

const support: Graph = {
  seq: [
    call('crm', 0.1),
    { any: [call('stripe', 0.3), call('razorpay', 0.5)] },
    { any: [call('email', 0.3), call('sms', 0.4)] },
    call('complete', 0.1),
  ],
};

const travel: Graph = {
  seq: [
    { any: [call('flight', 0.3), call('train', 0.5)] },
    {
      any: [
        { seq: [call('hotel', 0.3), { any: [call('car', 0.3), call('bus', 0.4)] }] },
        { seq: [call('hostel', 0.4), { any: [call('car', 0.4), call('bus', 0.3)] }] },
      ],
    },
    call('payment', 0.2),
    call('confirm', 0.1),
  ],
};

const moderation: Graph = {
  seq: [
    {
      any: [
        { seq: [call('text', 0.2), call('toxicity', 0.2)] },
        { seq: [call('image', 0.3), call('toxicity', 0.3)] },
        { seq: [call('video', 0.5), call('toxicity', 0.4)] },
      ],
    },
    { any: [call('human', 0.5), call('auto', 0.2)] },
    call('complete', 0.1),
  ],
};

/** What is down, and the cost of the best way; none = no way is left. */
const LISTED: [string, Graph, [down: string[], cost?: number][]][] = [
  [
    'support',
    support,
    [
      [[], 0.8],
      [['stripe'], 1.0],
      [['email'], 0.9],
      [['stripe', 'email'], 1.1],
      [['stripe', 'razorpay']],
      [['email', 'sms']],
      [['crm']],
    ],
  ],
  [
    'travel',
    travel,
    [
      [[], 1.2],
      [['flight'], 1.4],
      [['hotel', 'car'], 1.3],
      [['flight', 'train']],
      [['flight', 'hotel', 'car'], 1.5],
      [['payment']],
    ],
  ],
  [
    'moderation',
    moderation,
    [
      [[], 0.7],
      [['text'], 0.9],
      [['auto'], 1.0],
      [['text', 'auto'], 1.2],
      [['text', 'image', 'video']],
      [['toxicity']],
    ],
  ],
];

/** Each failure known before the run, or found out by calling. */
export function listed(known: boolean): Scenario[] {
  return LISTED.flatMap(([name, graph, cases]) =>
    cases.map(([down, cost]) => ({
      name: `${name}: ${down.length === 0 ? 'none down' : `${down.join('+')} down`}`,
      kind: known ? 'known' : 'found',
      graph,
      failures: down.map((agent) => (known ? { agent, known } : { agent })),
      expect: cost === undefined ? { outcome: 'failed' as const, cut: down } : { outcome: 'completed' as const, cost },
    })),
  );
}
