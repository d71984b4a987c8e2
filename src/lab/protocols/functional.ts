/**
 * Functional (FunCoder): answers are programs, judged by what they do. An agent with the skill `judge` runs each on the
 * same inputs (runner.ts has one, in a sandbox without a network); the program whose outputs most others give too wins.
 * The inputs are the step's, or drawn from a seed, so that a replay draws the same.
 */
import { canonicalJson, createSeededChance, type Json, type SeededChance } from '../../base/index.ts';
import type { AgreeSpec, Ask } from '../../model/index.ts';
import { type Move, type Panel, type Protocol, type Reply, singleOf, type Verdict } from '../../flow/index.ts';
import { campsOf, counts } from './spoken.ts';

interface State {
  panel: Panel;
  skill: string;
  inputs: Json[];
  replies: Reply[];
}

const DEFAULT_SAMPLES = 12;
const MOST_SAMPLES = 256;
const INTEGER_SPAN = 100;
const LONGEST = 8;
const LETTERS = 'abcdexyz 019'.split('');
/** Shares of equal outputs that differ by less are equal. */
const EQUAL = 1e-9;

export const functional: Protocol<State> = {
  name: 'functional',
  about:
    'not recommended: programs are run by `judge` on `inputs` (or `samples` of `takes`), and the commonest behaviour wins',
  options: { inputs: 'list', samples: 'count', takes: ['integer', 'integers', 'text'], seed: 'any' },
  panel: 5,
  judged: true,
  start: (spec, panel) => ({ panel, skill: spec.judge ?? 'judge', inputs: inputsOf(spec), replies: [] }),
  next({ panel, skill, inputs, replies }): Move {
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const answers = replies.filter((r) => r.kind === 'answer');
    const camps = campsOf(answers);
    if (camps.size === 0) return { move: 'escalation', why: 'nobody answered', verdict: { margin: 0, votes: [] } };
    const runs = replies.filter((r) => r.kind === 'run');
    if (runs.length === 0) {
      const asks = runAsks(panel, camps, skill, inputs);
      if (asks.length > 0) return { move: 'asks', asks };
      return { move: 'escalation', why: 'whoever could run them wrote them', verdict: { margin: 0, votes: [] } };
    }
    return conclude(panel, answers, camps, runs);
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

/** Equal programs are run once. */
function runAsks({ judges }: Panel, camps: ReadonlyMap<number, Reply[]>, skill: string, inputs: Json[]): Ask[] {
  return [...camps.values()].flatMap(([first], i): Ask[] => {
    const able = judges.filter(({ agent }) => agent !== first!.agent);
    const runner = able[i % Math.max(1, able.length)];
    if (runner === undefined) return [];
    return [{ agent: runner.agent, kind: 'run', about: [first!.ask], skill, say: { inputs } }];
  });
}

/** For each input the output as text; undefined where the program failed, which is like nothing. */
export function readOutputs(output: Json | undefined): (string | undefined)[] | undefined {
  const list = typeof output === 'object' && output !== null && !Array.isArray(output) ? output['outputs'] : undefined;
  if (!Array.isArray(list)) return undefined;
  return list.map((one) =>
    typeof one === 'object' && one !== null && 'value' in one ? canonicalJson(one.value) : undefined,
  );
}

function conclude(panel: Panel, answers: readonly Reply[], camps: ReadonlyMap<number, Reply[]>, runs: Reply[]): Move {
  const asked = new Map([...camps].map(([camp, [first]]) => [first!.ask, camp]));
  const done = runs.flatMap(({ about, output, lost }) => {
    const camp = asked.get(about?.[0] ?? -1);
    const outputs = lost === undefined ? readOutputs(output) : undefined;
    if (camp === undefined || outputs === undefined || outputs.every((one) => one === undefined)) return [];
    return [{ camp, outputs, holders: camps.get(camp)!.length }];
  });
  const scores = new Map<number, number>();
  const others = done.reduce((sum, one) => sum + one.holders, 0) - 1;
  for (const one of done) {
    let sum = 0;
    for (const other of done)
      sum += alike(one.outputs, other.outputs) * (other === one ? one.holders - 1 : other.holders);
    scores.set(one.camp, others === 0 ? 1 : sum / others);
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const top = ranked[0];
  const behaviour = done.find((one) => one.camp === top?.[0])?.outputs;
  const same = new Set(done.flatMap((one) => (behaviour && alike(one.outputs, behaviour) === 1 ? [one.camp] : [])));
  const second = ranked.find(([camp]) => !same.has(camp));
  const margin = (top?.[1] ?? 0) - (second?.[1] ?? 0);
  const isClear = top !== undefined && (second === undefined || margin > EQUAL);
  const verdict: Verdict = {
    margin,
    votes: answers.map((reply) => {
      const { ask, camp, lost } = reply;
      if (!counts(reply)) return { ask, for: false, weight: 0, why: lost ?? 'no answer' };
      const score = scores.get(camp!);
      const vote = { ask, for: isClear && same.has(camp!), weight: score ?? 0, camp };
      return score === undefined ? { ...vote, why: 'it did not run' } : vote;
    }),
  };
  const single = singleOf(panel.members, answers);
  if (single !== undefined) verdict.single = single;
  if (!isClear) return { move: 'escalation', why: top === undefined ? 'no program ran' : 'a tie', verdict };
  verdict.chosen = camps.get(top[0])![0]!.ask;
  return { move: 'verdict', verdict };
}

/** The share of inputs on which both gave the same. */
function alike(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): number {
  let same = 0;
  for (const [i, one] of a.entries()) if (one !== undefined && one === b[i]) same++;
  return same / Math.max(1, a.length, b.length);
}

export function inputsOf(spec: AgreeSpec): Json[] {
  if (Array.isArray(spec['inputs'])) return spec['inputs'].slice(0, MOST_SAMPLES);
  const given = spec['samples'];
  const samples = typeof given === 'number' && given > 0 ? Math.min(MOST_SAMPLES, given) : DEFAULT_SAMPLES;
  const chance = createSeededChance(`functional/${JSON.stringify(spec['seed'] ?? 1)}`);
  return Array.from({ length: samples }, () => draw(spec['takes'], chance));
}

function draw(takes: Json | undefined, chance: SeededChance): Json {
  const integer = (): number => chance.int(2 * INTEGER_SPAN + 1) - INTEGER_SPAN;
  if (takes === 'text') return Array.from({ length: chance.int(LONGEST + 1) }, () => chance.pick(LETTERS)).join('');
  if (takes === 'integers') return Array.from({ length: chance.int(LONGEST + 1) }, integer);
  return integer();
}
