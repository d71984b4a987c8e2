/** One scenario at a real site: memory store, a clock that jumps, agents that fail as the scenario says. */
import { createSeededChance, Fault } from '../../src/base/index.ts';
import { checkPlan, planWorkflow } from '../../src/author/index.ts';
import { type Event, type EventOf, readPlan, type RunOutcome, type RunState } from '../../src/model/index.ts';
import type { decide } from '../../src/flow/index.ts';
import { createTrial } from '../../src/lab/trial/index.ts';
import { type Agent, functionAgent } from '../../src/ports/agent/index.ts';
import { agentsIn, GATE, wordsOf } from './plan.ts';
import { type Failure, leavesOf, type Scenario } from './graph.ts';

export interface Deed {
  /** The step that asked. */
  step: string;
  /** Which call of the graph it was. */
  call: string;
  agent: string;
  key: string;
  cost: number;
  effect: string;
  undone: boolean;
}

export interface Standing {
  elapsedMs: number;
  paid: number;
  deeds: Deed[];
}

export interface Played {
  outcome: RunOutcome;
  state: RunState;
  events: Event[];
  /** What was done, in order; what was undone is marked. */
  deeds: Deed[];
  cost: number;
  /** Keys that a sink worked more than once. */
  repeated: number;
  calls: number;
  /** Calls of skills that are models: there are none on the ladder. */
  modelCalls: number;
  cut: EventOf<'fault.escalated'>['cut'];
  /** The step that the cut is about. */
  failedAt: string;
  /** When the last of its failures came: from then on a run can know all that the oracle knows. */
  last: Standing;
}

/** A run that has not ended by then never will. */
const MOST_MS = 3_600_000;

/** For tests of the judge: what is planted must be found. */
export interface Planted {
  decide?: typeof decide;
  undoLies?: boolean;
}

export async function play(scenario: Scenario, seed: number, planted: Planted = {}): Promise<Played> {
  const { body, findings } = readPlan(wordsOf(scenario));
  const wrong = body === undefined ? findings : [...findings, ...checkPlan(body)];
  if (body === undefined || wrong.length > 0)
    throw new Fault('plan.invalid', `${scenario.name}: ${wrong.map((f) => `${f.place} ${f.message}`).join('; ')}`);
  const trial = createTrial();
  const deeds: Deed[] = [];
  const made = createAgents(
    scenario,
    deeds,
    (ms) => new Promise((resolve) => trial.clock.after(ms, resolve)),
    trial.clock.nowMs,
    planted,
  );
  const { site } = await trial.open({
    agents: made.agents,
    workflows: [planWorkflow(body)],
    chance: createSeededChance(seed),
    keepFacts: false,
    decide: planted.decide,
  });
  for (const { agent, known } of scenario.failures) if (known === true) site.agents.setHealthy(agent, false);
  const { run } = await site.start(body.name, undefined, {
    budget: scenario.budget === undefined ? undefined : { money: scenario.budget },
    deadlineMs: scenario.deadlineMs === undefined ? undefined : trial.clock.nowMs() + scenario.deadlineMs,
  });
  if (body.steps.some((step) => step.name === GATE)) await site.approve(run, GATE);
  const done = await trial.clock.until(() => trial.isEnded(run), MOST_MS);
  const state = await site.state(run);
  const events = await trial.events(run);
  let stopped = false;
  const stopping = site.stop({ graceMs: 0 }).then(() => (stopped = true));
  await trial.clock.until(() => stopped, 60_000);
  await stopping;
  if (!done)
    throw new Fault('internal', `${scenario.name} does not end (seed ${seed}): it waits at ${[...state.open]}`);
  const [trouble] = trial.troubles;
  if (trouble !== undefined) throw trouble;
  const keys = new Map<string, number>();
  for (const deed of deeds)
    if (deed.effect !== 'pure') keys.set(deed.key, (keys.get(deed.key) ?? 0) + (deed.undone ? 0 : 1));
  return {
    outcome: state.outcome!,
    state,
    events,
    deeds,
    cost: deeds.reduce((sum, deed) => sum + deed.cost, 0),
    repeated: [...keys.values()].filter((times) => times > 1).length,
    calls: made.calls(),
    modelCalls: events.filter((e) => e.type === 'attempt.begun' && !made.agents.some((a) => a.name === e.agent)).length,
    last: made.last(),
    ...failure(events, state),
  };
}

/** Of the step that the run failed with. */
function failure(events: readonly Event[], state: RunState): Pick<Played, 'cut' | 'failedAt'> {
  const step = (state.fault?.detail as { step?: string } | undefined)?.step;
  const top = events.filter((e): e is EventOf<'fault.escalated'> => {
    return e.type === 'fault.escalated' && e.to === 'run' && !e.step.includes('/');
  });
  const last = top.findLast((e) => e.step === step) ?? top.at(-1);
  return { cut: last?.cut ?? [], failedAt: last?.step ?? '' };
}

interface Given {
  call: string;
  cost: number;
}

function createAgents(
  scenario: Scenario,
  deeds: Deed[],
  wait: (ms: number) => Promise<void>,
  nowMs: () => number,
  planted: Planted,
): { agents: Agent[]; calls(): number; last(): Standing } {
  let calls = 0;
  let last: Standing = { elapsedMs: 0, paid: 0, deeds: [] };
  const begunMs = nowMs();
  const failures = new Map(scenario.failures.map((failure) => [failure.agent, failure]));
  const agents = [...agentsIn(leavesOf(scenario.graph).map((leaf) => leaf.call))].map(([agent, card]) => {
    let failed = 0;
    let good = 0;
    const failure = failures.get(agent);
    const fails = (): boolean => {
      if (failure === undefined) return false;
      if (failure.calls !== undefined) return failed < failure.calls;
      if (failure.atMs !== undefined) return nowMs() - begunMs >= failure.atMs;
      return failure.afterCalls === undefined || good >= failure.afterCalls;
    };
    const effect = card.effect ?? 'pure';
    return functionAgent(agent, {
      skills: {
        [card.tool]: {
          effect,
          keyed: effect === 'idempotent',
          price: { money: card.cost, tokens: 0 },
          async run(given: Given, call) {
            calls++;
            if (card.takesMs > 0) await wait(card.takesMs);
            if (fails()) {
              failed++;
              const standing = deeds.filter((deed) => !deed.undone);
              const paid = deeds.reduce((sum, deed) => sum + deed.cost, 0);
              last = { elapsedMs: nowMs() - begunMs, paid, deeds: standing };
              throw faultOf(agent, failure!);
            }
            good++;
            const cost = scenarioCost(scenario, given, agent);
            deeds.push({ step: call.step, call: given.call, agent, key: call.key, cost, effect, undone: false });
            return { by: agent };
          },
          // What failed says so: it did nothing.
          reconcile: ({ key }) => ({ happened: deeds.some((deed) => deed.key === key && !deed.undone) }),
          undo:
            effect === 'reversible'
              ? (call) => {
                  const deed = deeds.findLast((one) => one.step === call.step && one.agent === agent && !one.undone);
                  if (deed !== undefined && planted.undoLies !== true) deed.undone = true;
                }
              : undefined,
        },
      },
    });
  });
  return { agents, calls: () => calls, last: () => last };
}

/** It was not taken: one that flaps asks to be asked again, one that is down does not. */
function faultOf(agent: string, failure: Failure): Fault {
  if (failure.calls !== undefined) return new Fault('agent.busy', `${agent} flaps`, { afterMs: 50 });
  return new Fault('agent.busy', `${agent} is down`, { retry: 'elsewhere' });
}

/** What this call costs there: of a tool with several agents, the agent's own price. */
function scenarioCost(scenario: Scenario, given: Given, agent: string): number {
  const leaf = leavesOf(scenario.graph).find((one) => one.id === given.call);
  return leaf?.call.agents?.find((one) => one.agent === agent)?.cost ?? given.cost;
}
