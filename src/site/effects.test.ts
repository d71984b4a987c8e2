/** Effects at a sink that counts: every window of intent, call and outcome is crashed, and every lie is told. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import {
  type Mishap,
  openSink,
  runOverSink,
  type Sink,
  sinkAgent,
  type SinkAgentOptions,
  type SinkRun,
} from '../lab/sink/index.ts';
import { type Doom, type DoomAt, of } from '../lab/trial/index.ts';

type Kind = Omit<SinkAgentOptions, 'url'> & { atSink?: 'keyed' };

const kinds: Record<string, Kind> = {
  keyed: { effect: 'idempotent', keyed: true, atSink: 'keyed' },
  'reversible, can be asked': { effect: 'reversible', reconciles: true, undoes: true },
  'irreversible, can be asked': { effect: 'irreversible', reconciles: true },
  'irreversible, mute': { effect: 'irreversible' },
  'reversible, mute': { effect: 'reversible', undoes: true },
};

let sink: Sink;
let onWork: (when: 'before' | 'after') => void = () => {};
const sinks: Sink[] = [];
async function newSink(kind: Kind): Promise<void> {
  sink = await openSink({ keyed: kind.atSink === 'keyed', onWork: (when) => onWork(when) });
  sinks.push(sink);
}
beforeEach(() => {
  onWork = () => {};
});
afterAll(() => Promise.all(sinks.map((one) => one.close())));

const flow = workflow('once', async (run) => {
  const receipt = await run.effect('send', { n: 1 }, { right: 'pay', retry: { firstMs: 2, maxMs: 5 } });
  return [receipt, await run.code('after', () => 'after')];
});

async function run(kind: Kind, how: { dies?: DoomAt; doom?: (doom: Doom) => void } = {}): Promise<SinkRun> {
  await newSink(kind);
  return runOverSink({
    flow,
    agents: [sinkAgent({ ...kind, url: () => sink.url })],
    deeds: () => sink.deeds(),
    ...how,
  });
}

function once(played: SinkRun, place: unknown): void {
  expect({ place, fault: played.state.fault, outcome: played.state.outcome }).toEqual({
    place,
    fault: undefined,
    outcome: 'completed',
  });
  expect({ place, done: sink.deeds().map((deed) => deed.done) }).toEqual({ place, done: [1] });
}

describe.each(Object.entries(kinds))('an effect that is %s', (_name, kind) => {
  test('takes place once, wherever its worker dies', async () => {
    const { commits } = await run(kind);
    once({ ...(await run(kind)) }, 'nowhere');
    for (const when of ['before', 'after'] as const)
      for (let commit = 1; commit <= commits; commit++)
        once(await run(kind, { dies: { commit, when } }), { commit, when });
    for (const during of ['before', 'after'] as const) {
      const played = await run(kind, {
        doom(doom) {
          onWork = (when) => {
            if (when === during) doom.die();
          };
        },
      });
      once(played, during);
    }
  });

  const mishaps: Mishap[] = [{ is: 'cutBefore' }, { is: 'cutAfter' }, { is: 'sayFailed' }, { is: 'refuse' }];
  test.each(mishaps.map((mishap) => [mishap.is, mishap] as const))(
    'takes place once when the sink does: %s',
    async (_is, mishap) => {
      await newSink(kind);
      sink.next('work', mishap);
      const played = await runOverSink({
        flow,
        agents: [sinkAgent({ ...kind, url: () => sink.url })],
        deeds: () => sink.deeds(),
      });
      once(played, mishap.is);
      const mute = kind.reconciles !== true && kind.keyed !== true;
      expect(played.asked.filter((a) => a === 'person')).toHaveLength(mute && mishap.is !== 'refuse' ? 1 : 0);
    },
  );
});

test('a request delivered twice is worked once by a keyed sink; another cannot help it, and we are honest about that', async () => {
  for (const [kind, times] of [
    ['keyed', 1],
    ['irreversible, mute', 2],
  ] as const) {
    await newSink(kinds[kind]!);
    sink.next('work', { is: 'twice' });
    await runOverSink({
      flow,
      agents: [sinkAgent({ ...kinds[kind]!, url: () => sink.url })],
      deeds: () => sink.deeds(),
    });
    expect(sink.deeds()[0]?.done).toBe(times);
  }
});

test('a sink that says it worked and did not is believed: nobody could know', async () => {
  await newSink(kinds['keyed']!);
  sink.next('work', { is: 'sayDone' });
  const played = await runOverSink({
    flow,
    agents: [sinkAgent({ ...kinds['keyed']!, url: () => sink.url })],
    deeds: () => sink.deeds(),
  });
  expect(played.state.outcome).toBe('completed');
  expect(sink.deeds()).toEqual([]);
});

test('a slow sink is given up on in time, and asked; what it did counts', async () => {
  const slow = workflow('slow', (run) => run.effect('send', 1, { timeoutMs: 50 }));
  await newSink(kinds['reversible, can be asked']!);
  sink.next('work', { is: 'slow', ms: 120 });
  // Asked too early it says no: so its word comes late, when it has worked.
  sink.next('query', { is: 'slow', ms: 150 });
  const agents = [sinkAgent({ ...kinds['reversible, can be asked']!, url: () => sink.url })];
  const { state, events } = await runOverSink({ flow: slow, agents, deeds: () => sink.deeds() });
  expect(state.outcome).toBe('completed');
  expect(of(events, 'effect.unknown')).toMatchObject([{ why: 'timeout' }]);
  expect(sink.deeds().map((deed) => deed.done)).toEqual([1]);
});

test('a person who does not allow it keeps it from happening', async () => {
  await newSink(kinds['irreversible, mute']!);
  const agents = [sinkAgent({ ...kinds['irreversible, mute']!, url: () => sink.url })];
  const { state } = await runOverSink({ flow, agents, deeds: () => sink.deeds(), allows: false });
  expect(state.fault?.code).toBe('gate.denied');
  expect(sink.deeds()).toEqual([]);
});
