/**
 * Agree: several answers become one. The protocol is a pure machine (protocol.ts); this room opens its panel, hands
 * its asks to the room of attempts, and writes its verdict with the evidence. No verdict goes to healing.
 */
import {
  agreesPlainly,
  type AttemptState,
  type Deciding,
  emit,
  faultData,
  isAgreed,
  type StepState,
} from '../../model/index.ts';
import { type Deliberation, deliberate, type Heard } from './deliberate.ts';
import { statedAs } from './equality.ts';
import { BARE } from './majority.ts';
import { openPanel } from './panel.ts';
import type { Panel, Verdict } from './protocol.ts';
import { protocolNamed, protocolNames } from './registry.ts';

export * from './protocol.ts';
export { agreeAtOnce, type AtOnce, type LocalAgent } from './at-once.ts';
export { addProtocol, protocolNamed, protocolNames } from './registry.ts';
export { deliberate, type Deliberation, type Heard, isAnswer } from './deliberate.ts';
export { type Camps, createCamps, plainText, statedAs } from './equality.ts';
export { best, byTrust, lowerBound, singleOf } from './best.ts';
export { count, majority } from './majority.ts';
export { ahead, chanceRight, leastLead } from './ahead.ts';
export { auto, choose } from './auto.ts';
export { type Comparison, rank } from './bradley.ts';
export { cascade } from './cascade.ts';
export { readGrade, readScore, readWinner } from './judgement.ts';
export { pairsOf, ranked } from './ranked.ts';
export { believe, believed, effectiveVotes, MAX_WEIGHT, verdictOf, weigh, weightOf } from './weigh.ts';
export { decideOn, weighted } from './weighted.ts';

export function agree(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0) return;
  if (step.panel === undefined && !isAgreed(d.state.engine, step.spec.agree)) {
    const answer = step.attempts?.findLast((a) => a.lesser === step.lesser && a.status === 'answered');
    if (answer !== undefined)
      d.todo.push({ to: 'settle', step: step.id, out: 'ok', from: answer.n, lesser: answer.lesser });
    return;
  }
  const spec = step.agree ?? step.spec.agree!;
  const protocol = protocolNamed(spec.by);
  if (protocol === undefined) {
    const fault = faultData(
      'input.invalid',
      `step '${step.id}' agrees by '${spec.by}', which is no protocol here; there are ${protocolNames().join(', ')}`,
    );
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  if (step.panel === undefined && !openPanel(d, step, protocol)) return;
  const attempts = (step.attempts ?? []).filter((a) => a.lesser === step.lesser);
  if (attempts.some((a) => a.status === 'open' || a.status === 'unknown')) return;
  const panel: Panel = {
    members: step.members ?? step.panel!.map((agent) => ({ agent })),
    judges: step.judges ?? [],
    equal: step.equal ?? { by: 'exact' },
    affords: step.affords,
  };
  const byAsk = new Map(attempts.map((attempt, i) => [attempt.ask?.i ?? i, attempt]));
  const meant = agreesPlainly(d.state.engine) ? { ...spec, ...BARE } : spec;
  const talk = deliberate(protocol, meant, panel, (ask) => heardFrom(byAsk.get(ask)));
  if (talk.end === undefined) {
    const asks = talk.waiting.map((i) => ({ ...talk.asks[i]!, i }));
    return void d.todo.push({ to: 'ask', step: step.id, asks });
  }
  conclude(d, step, spec.by, panel, talk, byAsk);
}

function heardFrom(attempt: AttemptState | undefined): Heard | undefined {
  if (attempt === undefined || attempt.gone) return undefined;
  if (attempt.status !== 'answered')
    return {
      lost: attempt.fault?.code ?? 'lost',
      passing: attempt.fault !== undefined && attempt.fault.retry !== 'never',
    };
  if (attempt.illegal !== undefined) return { lost: `illegal: ${attempt.illegal}` };
  return { output: attempt.output, key: attempt.camp };
}

function conclude(
  d: Deciding,
  step: StepState,
  by: string,
  panel: Panel,
  talk: Deliberation,
  byAsk: ReadonlyMap<number, AttemptState>,
): void {
  const end = talk.end!;
  const { verdict } = end;
  const nOf = (ask: number) => byAsk.get(ask)?.n;
  if (agreesPlainly(d.state.engine)) return concludePlainly(d, step, verdict, nOf);
  const chosen = verdict.chosen === undefined || end.move === 'escalation' ? undefined : nOf(verdict.chosen);
  emit(d, {
    type: 'agree.verdict',
    step: step.id,
    chosen,
    votes: verdict.votes.flatMap(({ ask, ...vote }) => (nOf(ask) === undefined ? [] : [{ n: nOf(ask)!, ...vote }])),
    margin: verdict.margin,
    belief: verdict.belief,
    by,
    equal: statedAs(panel.equal),
    dissent: dissentOf(verdict),
    single: verdict.single && {
      agent: verdict.single.agent,
      n: verdict.single.ask === undefined ? undefined : nOf(verdict.single.ask),
    },
    asked: {
      answers: talk.asks.filter((a) => a.kind === 'answer' || a.kind === 'revise').length,
      judgements: talk.asks.filter((a) => a.kind !== 'answer' && a.kind !== 'revise').length,
    },
    why: end.move === 'escalation' ? end.why : verdict.why,
  });
  if (chosen !== undefined)
    return void d.todo.push({ to: 'settle', step: step.id, out: 'ok', from: chosen, lesser: step.lesser });
  const answers = talk.replies.filter((r) => r.lost === undefined).length;
  const why = end.move === 'escalation' ? `: ${end.why}` : '';
  const fault = faultData(
    'no-way-left',
    `the panel of step '${step.id}' came to no verdict (${answers} answers of ${talk.asks.length})${why}`,
    'never',
    { votes: verdict.votes, by },
  );
  d.todo.push({ to: 'heal', step: step.id, fault });
}

function concludePlainly(
  d: Deciding,
  step: StepState,
  verdict: Verdict,
  nOf: (ask: number) => number | undefined,
): void {
  const chosen = verdict.chosen === undefined ? undefined : nOf(verdict.chosen);
  const counted = verdict.votes.filter((vote) => vote.camp !== undefined);
  const votes = counted.map((vote) => ({ n: nOf(vote.ask)!, for: vote.for, weight: vote.weight }));
  emit(d, { type: 'agree.verdict', step: step.id, chosen, votes, margin: verdict.margin });
  if (chosen !== undefined) return void d.todo.push({ to: 'settle', step: step.id, out: 'ok', from: chosen });
  const fault = faultData(
    'no-way-left',
    `the panel of step '${step.id}' came to no verdict (${votes.length} answers of ${step.panel!.length})`,
    'never',
    { votes },
  );
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
}

/** What the others held instead, the heaviest first. */
function dissentOf(verdict: Verdict): { camp: number; votes: number; weight: number }[] | undefined {
  const camps = new Map<number, { camp: number; votes: number; weight: number }>();
  for (const { camp, weight, for: held } of verdict.votes) {
    if (camp === undefined || held) continue;
    const one = camps.get(camp) ?? { camp, votes: 0, weight: 0 };
    camps.set(camp, { camp, votes: one.votes + 1, weight: one.weight + weight });
  }
  return camps.size === 0 ? undefined : [...camps.values()].sort((a, b) => b.weight - a.weight);
}
