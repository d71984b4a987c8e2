/** What is held against a run: the oracle's word, the book of deeds, and the journal. */
import type { Deed, Played } from './play.ts';
import type { Scenario } from './graph.ts';
import { bestWay, downIn, isOpen, leftOver, partOf } from './oracle.ts';

export interface Judged {
  /** The oracle had a way from the start, with everything known. */
  foreknown: boolean;
  /** There was a way at all times from where the run stood: it had done nothing that could not be undone and shut the rest. */
  lawful: boolean;
  succeeded: boolean;
  duplicateEffects: number;
  orphans: number;
  silent: number;
  /** Of successes that the oracle had too: what we paid, and what it would have. */
  paid?: { ours: number; oracle: number };
  wrongCut: boolean;
  modelCalls: number;
  /** What is not as it must be, in words. */
  wrongs: string[];
}

export function judge(scenario: Scenario, played: Played): Judged {
  const { graph, failures } = scenario;
  const down = downIn(failures);
  const best = bestWay(scenario);
  const succeeded = played.outcome === 'completed';
  const stands = played.deeds.filter((deed) => !deed.undone);
  const fixed = new Set(
    stands.filter((d) => d.effect === 'irreversible' || d.effect === 'idempotent').map((d) => d.call),
  );
  const bounded = scenario.budget !== undefined || scenario.deadlineMs !== undefined;
  const lawful = succeeded || isLawful(scenario, played);
  const effects = new Set(stands.filter((deed) => deed.effect !== 'pure').map((deed) => deed.call));
  const over = leftOver(graph, new Set(stands.map((deed) => deed.call)), effects);
  const orphans = succeeded
    ? over.orphans
    : stands.filter((deed) => deed.effect === 'reversible').map((deed) => deed.call);
  const silent = silentFailures(played);
  const wrongCut = !succeeded && !bounded && isWrongCut(scenario, played, down, fixed);
  const wrongs = [
    ...(lawful && !succeeded ? [`there was a way, and it was not found`] : []),
    ...(orphans.length > 0 ? [`orphaned: ${orphans.join(', ')}`] : []),
    ...(over.twice + played.repeated > 0 ? [`done twice: ${over.twice + played.repeated}`] : []),
    ...silent.map((step) => `silent: ${step}`),
    ...(wrongCut ? [`the cut set is wrong: ${played.cut.map((c) => `${c.agent} (${c.why})`).join(', ')}`] : []),
  ];
  return {
    foreknown: best !== undefined,
    lawful,
    succeeded,
    duplicateEffects: over.twice + played.repeated,
    orphans: orphans.length,
    silent: silent.length,
    paid: succeeded && best !== undefined ? { ours: played.cost, oracle: best.cost } : undefined,
    wrongCut,
    modelCalls: played.modelCalls,
    wrongs,
  };
}

/** Was there a way when the last of its failures had come: from what it had done, paid and used up by then? */
function isLawful(scenario: Scenario, { last, deeds, events }: Played): boolean {
  const { budget, deadlineMs, graph, failures } = scenario;
  const failed = events.findLastIndex((e) => e.type === 'attempt.ended' && e.fault?.code === 'agent.busy');
  // What was under way by then could not be held back any more.
  const isOut = (deed: Deed) =>
    events.findIndex((e) => e.type === 'attempt.begun' && e.step === deed.step && e.agent === deed.agent) < failed;
  const fixed = new Set(deeds.filter((deed) => isFixed(deed) && isOut(deed)).map((deed) => deed.call));
  if (!isOpen(graph, downIn(failures), fixed)) return false;
  const left: Scenario = { ...scenario };
  if (budget !== undefined) left.budget = budget - last.paid;
  if (deadlineMs !== undefined) left.deadlineMs = deadlineMs - last.elapsedMs;
  return bestWay(left, new Set(last.deeds.map((deed) => deed.call))) !== undefined;
}

function isFixed({ effect }: Deed): boolean {
  return effect === 'irreversible' || effect === 'idempotent';
}

/** Steps with a failed try of which the journal says neither that it was healed nor that it was escalated. */
export function silentFailures({ events }: Pick<Played, 'events'>): string[] {
  const failing = new Set<string>();
  for (const event of events) {
    if (event.type === 'attempt.ended' && event.fault !== undefined && event.late !== true) failing.add(event.step);
    if (event.type === 'fault.healed' || event.type === 'fault.escalated') failing.delete(event.step);
  }
  return [...failing];
}

/** Right: all of it is truly shut, together it leaves no way, and were any one of it open there would be one. */
function isWrongCut(
  scenario: Scenario,
  played: Played,
  down: ReadonlySet<string>,
  fixed: ReadonlySet<string>,
): boolean {
  const agents = new Set<string>();
  const done = new Set<string>();
  for (const { agent, why, step } of played.cut) {
    if (!why.startsWith('done')) agents.add(agent);
    else done.add(played.deeds.find((deed) => deed.step === step)?.call ?? '');
  }
  if (agents.size + done.size === 0) return true;
  if ([...agents].some((agent) => !down.has(agent)) || [...done].some((call) => !fixed.has(call))) return true;
  const { part, first } = partOf(scenario.graph, played.failedAt) ?? { part: scenario.graph, first: 0 };
  if (isOpen(part, agents, done, first)) return true;
  for (const agent of agents) if (!isOpen(part, without(agents, agent), done, first)) return true;
  for (const call of done) if (!isOpen(part, agents, without(done, call), first)) return true;
  return false;
}

function without<T>(set: ReadonlySet<T>, one: T): Set<T> {
  const rest = new Set(set);
  rest.delete(one);
  return rest;
}
