/**
 * A panel of local functions, asked and agreed at once: for turns of a loop whose agents answer without waiting. What
 * comes back goes into what the turn carries, so the journal has it; the protocol is the same as on a step.
 */
import { Fault, type Json } from '../../base/index.ts';
import type { AgreeSpec, Ask, Equality } from '../../model/index.ts';
import { type Deliberation, deliberate, type Heard } from './deliberate.ts';
import { protocolNamed } from './registry.ts';

export interface LocalAgent {
  name: string;
  /** `n` is the number of the ask in this deliberation. */
  answer(question: Json, n: number): Json;
}

export interface AtOnce {
  answer: Json | undefined;
  talk: Deliberation;
}

export function agreeAtOnce(
  spec: AgreeSpec,
  agents: readonly LocalAgent[],
  question: Json,
  options: { equal?: Equality; check?: (answer: Json) => boolean } = {},
): AtOnce {
  const protocol = protocolNamed(spec.by);
  if (protocol === undefined) throw new Fault('input.invalid', `there is no protocol '${spec.by}'`);
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  const hear = (n: number, { agent }: Ask): Heard => {
    const answer = byName.get(agent)!.answer(question, n);
    return options.check === undefined || options.check(answer) ? { output: answer } : { lost: 'illegal' };
  };
  const members = agents.map(({ name }) => ({ agent: name }));
  const talk = deliberate(protocol, spec, { members, judges: [], equal: options.equal ?? { by: 'exact' } }, hear);
  const { end } = talk;
  const chosen = end?.move === 'verdict' ? end.verdict.chosen : undefined;
  return { answer: chosen === undefined ? undefined : talk.replies[chosen]?.output, talk };
}
