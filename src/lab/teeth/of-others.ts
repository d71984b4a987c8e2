/** Planted: code that is matched by place, and agents that take matters into their own hands. */
import type { CallOptions, Run } from '../../author/index.ts';
import { type Json, toFault } from '../../base/index.ts';
import { emit } from '../../model/index.ts';
import type { AgentCall } from '../../ports/agent/index.ts';
import type { SimProcess } from '../sim/world.ts';
import { wrongDecision } from './deciding.ts';
import type { Tooth } from './tooth.ts';

export const otherTeeth: readonly Tooth[] = [
  wrongDecision(
    'edges forgotten',
    'a step of a plan is asked though what it comes after is under way',
    ['plan.order'],
    () => ({
      after(d) {
        const { plan, steps, phase } = d.state;
        const next = plan?.steps.find(({ name, after }) => !steps.has(name) && after !== undefined && after.length > 0);
        if (next === undefined || phase !== 'running' || d.events.length === 0) return;
        emit(d, { type: 'step.asked', step: next.name, kind: next.kind, hash: 'h', spec: next.spec });
      },
    }),
  ),
  wrongDecision('memory beside the journal', 'a decision hangs on how many came before it', ['replay.equal'], () => {
    let decided = 0;
    return {
      after(d) {
        for (const event of d.events) if (event.type === 'step.asked' && decided++ % 5 === 4) event.labels = ['fifth'];
      },
    };
  }),
  {
    id: 'positional match',
    bug: 'a step is known by when it is asked, not by its name',
    by: ['drift.none'],
    plant: () => ({ run: (run) => byPlace(run, { n: 0 }) }),
  },
  {
    id: 'second retry owner',
    bug: 'an agent sends every call twice, by itself',
    by: ['settled.worked', 'effect.repeated', 'effect.keyed'],
    plant: () => ({
      agent: (agent, process, world) => ({
        ...agent,
        call(call) {
          world.after(
            120,
            () => {
              void Promise.resolve()
                .then(() => agent.call(call))
                .catch((thrown: unknown) => toFault(thrown, 'agent.failed'));
            },
            process,
          );
          return agent.call(call);
        },
      }),
    }),
  },
  wrongKey('key of the attempt', 'the key of an effect holds the attempt', ({ attempt }) => attempt),
  wrongKey('key of the worker', 'the key of an effect holds the worker', (_, { name }) => name),
  {
    id: 'answers differ',
    bug: 'an answer differs each time it is given',
    by: ['output.equal'],
    plant: () => {
      let told = 0;
      return {
        agent: (agent) => ({
          ...agent,
          async call(call) {
            const reply = await agent.call(call);
            return call.effect === 'pure' ? { ...reply, output: { ...(reply.output as object), told: told++ } } : reply;
          },
        }),
      };
    },
  },
];

function wrongKey(id: string, bug: string, more: (call: AgentCall, process: SimProcess) => unknown): Tooth {
  const plant: Tooth['plant'] = () => ({
    agent: (agent, process) => ({
      ...agent,
      call: (call) =>
        agent.call(Object.create(call, { key: { value: `${call.key}:${String(more(call, process))}` } }) as AgentCall),
    }),
  });
  return { id, bug, by: ['effect.keyed'], plant };
}

/** Names are counted over, in the order of asking. */
function byPlace(run: Run, count: { n: number }): Run {
  const next = (options: CallOptions<Json> | undefined): CallOptions<Json> => ({
    ...options,
    name: 'step',
    key: count.n++,
  });
  return {
    ...run,
    ask: (skill: string, input?: unknown, options?: CallOptions<Json>) => run.ask(skill, input, next(options)),
    effect: (skill: string, input?: unknown, options?: CallOptions<Json>) => run.effect(skill, input, next(options)),
    map: (name: string, items: readonly Json[], options: never, fn: (item: Json, inner: Run) => Promise<Json>) =>
      run.map(name, items, options, (item, inner) => fn(item, byPlace(inner, count))),
    loop: (name: string, options: never, body: (state: Json, inner: Run, turn: number) => Promise<Json>) =>
      run.loop(name, options, (state: Json, inner, turn) => body(state, byPlace(inner, count), turn)),
  } as unknown as Run;
}
