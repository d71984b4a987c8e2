/** What the first example says of itself, held against the journal and the sink. */
import { type Event, replay, type Store, verifyStream } from '../../src/index.ts';
import { linesOf } from './swarm.ts';

export interface Proof {
  says: string;
  holds: boolean;
}

export interface Seen {
  store: Store;
  run: string;
  events: readonly { at: number; event: Event }[];
  ledger: string;
  pid: number;
  killedAtMs: number;
  /** Events in the journal when the worker was killed. */
  eventsAtKill: number;
  /** The site has seen nothing before. */
  fresh: boolean;
}

export async function proofsOf({
  store,
  run,
  events,
  ledger,
  pid,
  killedAtMs,
  eventsAtKill,
  fresh,
}: Seen): Promise<Proof[]> {
  const of = <T extends Event['type']>(type: T) =>
    events.map(({ event }) => event).filter((event): event is Extract<Event, { type: T }> => event.type === type);
  const ended = of('run.ended')[0];
  const moved = of('fault.healed').filter(({ by }) => by === 'elsewhere').length;
  const verdict = of('agree.verdict')[0];
  const votes = verdict?.votes.filter((vote) => vote.for).length ?? 0;
  const claims = events.filter(({ event }) => event.type === 'run.claimed');
  const tookOverMs = (claims[1]?.at ?? Infinity) - killedAtMs;
  const settled = of('step.settled').map(({ step }) => step);
  const before = events.slice(0, eventsAtKill).filter(({ event }) => event.type === 'step.settled').length;
  const asked = linesOf(ledger, 'asked', `${run}:`);
  const published = linesOf(ledger, 'published', `${run}:`);
  const findings = await verifyStream(store, run);
  const replayed = await replay(store, run);
  return [
    {
      says: `the run completed: ${settled.length} steps, ${events.length} events`,
      holds: ended?.outcome === 'completed',
    },
    flaky(moved, fresh || of('attempt.begun').some(({ agent }) => agent === 'flaky')),
    {
      says: `three judges, one answer: ${votes} of 3 agree, the third is on record`,
      holds: votes === 2 && verdict?.chosen !== undefined,
    },
    {
      says: `kill -9 hit worker ${pid} after the sink had published, before it could answer`,
      holds: claims.length > 1 && before > 0 && before < settled.length,
    },
    {
      says: `another worker carried the run on ${tookOverMs} ms later`,
      holds: claims.length === 2 && Number.isFinite(tookOverMs),
    },
    {
      says: `no settled step was worked again (${before} were settled by then)`,
      holds: new Set(settled).size === settled.length,
    },
    {
      says: `the sink was asked ${asked} times under one key, and published ${published === 1 ? 'once' : published}`,
      holds: asked === 2 && published === 1,
    },
    {
      says: 'the journal is whole, and decides the same again with no agent and no network',
      holds: findings.length === 0 && replayed.equal,
    },
  ];
}

/** A site that has seen it fail before sends nobody there. */
function flaky(moved: number, asked: boolean): Proof {
  if (!asked) return { says: 'flaky is down, and this site knows it: nobody was sent there', holds: true };
  const times = moved === 1 ? 'once' : `${moved} times`;
  return { says: `flaky was down: ${times} its work went elsewhere, by rule, no model asked`, holds: moved > 0 };
}
