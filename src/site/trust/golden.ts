/**
 * Golden tasks: work of which the right answer is known, asked in the same form as real work, so that nobody knows which
 * it is. Who judges gets golden pairs: two answers of which the better is known, as a protocol shows them. What comes of
 * both is kept in the trust book, and reaches runs as figures on their candidates.
 *
 * G1  A task is asked at a chosen rate of the real pure calls, of all agents with the skill at once: who errs alike is
 *     seen too. Each task is asked once; when all are used up, none is.
 * G2  Asking is beside the run: it never fails it, delays it or counts in its budget.
 * G3  An exam has tasks that its agent never saw, and each further one has twice as many in all.
 */
import { type Chance, type Clock, Fault, freshId, type Json, toJson } from '../../base/index.ts';
import type { Checked, Principal } from '../../model/index.ts';
import type { Agent, AgentCall } from '../../ports/agent/index.ts';
import { createSecureChance, realClock } from '../clock.ts';
import { createMarking, type GoldenPair, type GoldenTask } from './golden-task.ts';
import type { TrustBook } from './keep.ts';

export interface GoldenOptions {
  /** Mixed into real work. */
  tasks: readonly (GoldenTask | GoldenPair)[];
  /** For exams; those of each list are never used for the other. */
  exams?: readonly (GoldenTask | GoldenPair)[];
  /** Of the real calls, how many have a golden one beside them: 0 to 1. */
  rate: number;
  /** Asked for when it is needed: the site that keeps it opens after its agents are mixed. */
  book: () => Pick<TrustBook, 'note' | 'knows' | 'outcomes' | 'figures' | 'refresh'>;
  chance?: Chance;
  clock?: Clock;
}

export interface Exam {
  asked: number;
  right: number;
  /** What trust then says; weight is given by these figures alone. */
  low: number;
  passed: boolean;
}

export interface Golden {
  /** The same agent; beside some of its real calls golden tasks are asked. */
  mix(agent: Agent): Agent;
  /** At answering, or at judging where the skill is one of pairs. Passed when the lower bound is at least `need`. */
  examine(agent: Agent, skill: string, need?: number): Promise<Exam>;
  /** When what is under way has been kept. */
  settled(): Promise<void>;
}

const BY: Principal = { id: 'golden', rights: [] };
/** The first exam; each further one is as long as all before it together and one first more. */
const FIRST_EXAM = 10;
const DEFAULT_NEED = 0.5;
const TASK_MS = 60_000;
/** Tasks under way at one time; more are left out. */
const MOST_AT_ONCE = 4;

export function createGolden(options: GoldenOptions): Golden {
  const { tasks, exams = [], rate, book, chance = createSecureChance(), clock = realClock } = options;
  if (!(rate >= 0 && rate <= 1)) throw new Fault('input.invalid', 'the rate of golden tasks is a share: 0 to 1');
  const mixed: Agent[] = [];
  const used = new Set<string>();
  const open = new Set<Promise<void>>();

  /** `like`: the real call that it is to look like; its input, its key and its watchers are its own. */
  async function ask(agent: Agent, skill: string, input: Json, like?: AgentCall): Promise<Json | undefined> {
    const controller = new AbortController();
    const late = clock.after(TASK_MS, () => controller.abort(new Fault('step.timeout', 'no answer in time')));
    const { signal } = controller;
    const call: AgentCall = {
      run: like?.run ?? freshId('r', clock.nowMs(), chance),
      step: like?.step ?? skill,
      attempt: like?.attempt ?? 1,
      skill,
      input,
      labels: like?.labels ?? [],
      effect: 'pure',
      key: chance.hex(16),
      signal,
      deadlineMs: like?.deadlineMs ?? clock.nowMs() + TASK_MS,
      schema: like?.schema,
      held: like?.held,
      by: like?.by,
      say() {},
      beat() {},
    };
    const gone = new Promise<undefined>((end) => signal.addEventListener('abort', () => end(undefined)));
    try {
      const reply = await Promise.race([agent.call(call), gone]);
      return reply === undefined || reply.fault !== undefined ? undefined : toJson(reply.output);
    } catch {
      return undefined;
    } finally {
      late();
    }
  }

  async function row(
    task: GoldenTask | GoldenPair,
    whom: readonly Agent[],
    source: Checked['source'],
    like?: AgentCall,
  ): Promise<Checked> {
    const { skill } = task;
    const marking = createMarking(task);
    const answers = await Promise.all(
      whom.map((agent) => Promise.all(marking.inputs.map((input) => ask(agent, skill, input, like)))),
    );
    const said: Record<string, number> = {};
    for (const [i, { name }] of whom.entries()) said[name] = marking.mark(answers[i]!);
    return { skill, said, source, right: marking.right, ...marking.among };
  }

  async function keep(task: GoldenTask | GoldenPair, whom: readonly Agent[], real: AgentCall): Promise<void> {
    try {
      await book().note(`golden/${task.id}`, await row(task, whom, 'golden', real), BY);
    } catch {
      // A store that is gone takes the outcome with it; the run has its own troubles to tell.
    }
  }

  function maybeAsk(real: AgentCall): void {
    const { skill, effect } = real;
    if (effect !== 'pure' || open.size >= MOST_AT_ONCE || chance.next() >= rate) return;
    const task = tasks.find((one) => one.skill === skill && !used.has(one.id));
    if (task === undefined) return;
    used.add(task.id);
    const whom = mixed.filter((agent) => agent.skills.some((one) => one.name === skill && one.effect === 'pure'));
    const asking = keep(task, whom, real).finally(() => open.delete(asking));
    open.add(asking);
  }

  return {
    mix(agent) {
      mixed.push(agent);
      const call: Agent['call'] = (one) => {
        maybeAsk(one);
        return agent.call(one);
      };
      return Object.assign(Object.create(agent) as Agent, { call });
    },
    async examine(agent, skill, need = DEFAULT_NEED) {
      await book().refresh();
      const taken = book()
        .outcomes(skill)
        .filter(({ source, said, skill: at }) => source === 'exam' && at === skill && agent.name in said).length;
      const asked = taken + FIRST_EXAM;
      const idOf = (task: { id: string }): string => `exam/${agent.name}/${task.id}`;
      const fresh = exams.filter((one) => one.skill === skill && !book().knows(idOf(one))).slice(0, asked);
      if (fresh.length < asked)
        throw new Fault(
          'not-found',
          `an exam of '${agent.name}' at '${skill}' needs ${asked} tasks that it never saw, and ${fresh.length} are left: add some to \`exams\``,
        );
      let right = 0;
      for (const task of fresh) {
        const found = await row(task, [agent], 'exam');
        if (found.said[agent.name] === found.right) right++;
        await book().note(idOf(task), found, BY);
      }
      const low = book().figures(skill).get(agent.name)?.low ?? 0;
      return { asked, right, low, passed: low >= need };
    },
    async settled() {
      while (open.size > 0) await Promise.all(open);
    },
  };
}
