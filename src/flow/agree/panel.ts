/** Who sits on a step's panel, and how its answers are compared: facts, fixed when the panel is opened. */
import {
  agreesPlainly,
  type AgreeSpec,
  type Candidate,
  type Deciding,
  emit,
  equalityFor,
  type Equality,
  faultData,
  judgeSkill,
  type Member,
  type StepState,
} from '../../model/index.ts';
import { defOf } from '../plan/index.ts';
import { eligible, nobody, skillView } from '../route/index.ts';
import type { Protocol } from './protocol.ts';

/** False when it waits for facts, or has failed instead. */
export function openPanel(d: Deciding, step: StepState, protocol: Protocol): boolean {
  const spec = step.spec.agree!;
  if (skillView(d.state, step) === undefined) {
    d.todo.push({ to: 'begin', step: step.id });
    return false;
  }
  const judges = protocol.judged === true ? judgesOf(d, spec) : [];
  if (judges === undefined) return false;
  const { routed, cut, refused } = eligible(d.state, step, 2);
  const size = spec.panel ?? (protocol.panel === 'all' ? routed.length : protocol.panel);
  const members = routed.slice(0, size).map(({ candidate }) => memberOf(candidate));
  const lacks =
    members.length === 0
      ? nobody(step, cut, refused)
      : protocol.judged === true && judges.length === 0
        ? faultData('agent.none', `nobody here has the skill '${judgeSkill(spec)}' that '${protocol.name}' needs`)
        : undefined;
  if (lacks !== undefined) {
    d.todo.push({ to: 'heal', step: step.id, fault: lacks });
    return false;
  }
  const panel = members.map((m) => m.agent);
  if (agreesPlainly(d.state.engine)) {
    emit(d, { type: 'agree.begun', step: step.id, agree: spec, panel });
    return true;
  }
  emit(d, {
    type: 'agree.begun',
    step: step.id,
    agree: spec,
    panel,
    members,
    judges: judges.length > 0 ? judges : undefined,
    equal: equalityOf(d, step, spec),
    affords: affordable(d, step),
  });
  return true;
}

function memberOf({ agent, trust, price }: Candidate): Member {
  const member: Member = { agent };
  if (trust !== undefined) member.trust = trust;
  if (price?.money !== undefined) member.price = price.money;
  return member;
}

function judgesOf(d: Deciding, spec: AgreeSpec): Member[] | undefined {
  const skill = judgeSkill(spec);
  const view = d.state.skills.get(skill);
  if (view === undefined) {
    d.commands.push({ do: 'findCandidates', skill });
    return undefined;
  }
  return view.candidates.filter((c) => c.effect === 'pure' && c.healthy !== false).map(memberOf);
}

function equalityOf(d: Deciding, step: StepState, spec: AgreeSpec): Equality {
  const said = spec.equal;
  if (said === 'json') return { by: 'json', schema: d.state.plan && defOf(d.state, step.id)?.output };
  if (typeof said === 'string') {
    const plain = (['exact', 'text', 'number', 'set'] as const).find((by) => by === said);
    return plain === undefined ? { by: 'named', name: said } : { by: plain };
  }
  if (typeof said === 'object' && said !== null && 'by' in said) return said as unknown as Equality;
  return equalityFor(d.state.plan === undefined ? undefined : defOf(d.state, step.id)?.output);
}

/** Calls that the budget still allows, where it limits them. */
function affordable(d: Deciding, _step: StepState): number | undefined {
  const { limit, held, spent, draws } = d.state.budget;
  if (limit?.calls === undefined || draws) return undefined;
  return Math.max(0, limit.calls - (held.calls ?? 0) - (spent.calls ?? 0));
}
