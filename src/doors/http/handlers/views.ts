/** Runs, steps, workflows and agents as the wire shows them. */
import { schemaJson } from '../../../author/schema-json.ts';
import type { AnyWorkflow } from '../../../author/index.ts';
import type { RunState, StepState } from '../../../model/index.ts';
import type { AgentView, RunView, StepView, WorkflowView } from '../../../model/wire/index.ts';
import { openDrifts, openGates } from '../../../site/gates.ts';
import type { Site } from '../../../site/site.ts';

export function viewRun(state: RunState): RunView {
  const { cancelling } = state;
  return {
    run: state.run,
    workflow: state.workflow,
    version: state.version,
    phase: state.phase,
    outcome: state.outcome,
    output: state.output,
    fault: state.fault,
    input: state.input,
    goal: state.goal,
    by: state.by,
    labels: state.labels,
    admittedMs: state.admittedAt,
    movedMs: state.at,
    deadlineMs: state.deadlineMs,
    events: state.head,
    steps: { asked: state.steps.size, open: state.open.size, settled: state.steps.size - state.open.size },
    waitsFor: [...new Set([...openGates(state), ...openDrifts(state)].map(({ step }) => step))],
    budget: state.budget.limit,
    held: state.budget.held,
    spent: state.budget.spent,
    worker: state.worker,
    epoch: state.epoch,
    engine: state.engine,
    parent: state.parent === undefined ? undefined : { run: state.parent.run, step: state.parent.step },
    forkOf: state.forkOf,
    next: state.next,
    cancelling: cancelling === undefined ? undefined : { by: cancelling.by.id, reason: cancelling.reason },
    blockEffects: state.blockEffects,
  };
}

export function viewStep(step: StepState): StepView {
  const attempts = (step.attempts ?? []).map(({ n, agent, effect, status, begunAt, fault }) => ({
    n,
    agent,
    effect,
    status,
    begunMs: begunAt,
    fault,
  }));
  return {
    step: step.id,
    kind: step.kind,
    at: step.settledSeq === 0 ? step.at : 'settled',
    skill: step.spec.skill,
    out: step.out,
    input: step.input,
    output: step.output,
    fault: step.fault,
    labels: step.labels,
    askedMs: step.askedAt,
    attempts,
    child: step.child,
  };
}

export function viewWorkflow(flow: AnyWorkflow): WorkflowView {
  return {
    name: flow.name,
    version: flow.version,
    kind: flow.plan === undefined ? 'code' : 'data',
    input: flow.input === undefined ? flow.plan?.input : schemaJson(flow.input, 'input'),
    output: flow.output === undefined ? undefined : schemaJson(flow.output),
    deadlineMs: flow.deadlineMs,
    budget: flow.budget,
    labels: flow.labels,
  };
}

type Agent = ReturnType<Site['agents']['list']>[number];

export function viewAgent({ name, kind, description, version, skills }: Agent): AgentView {
  return {
    name,
    kind,
    description,
    version,
    skills: skills.map((skill) => ({
      name: skill.name,
      description: skill.description,
      effect: skill.effect,
      keyed: skill.keyed,
      undeclared: skill.undeclared,
      price: skill.price,
      input: skill.input,
      output: skill.output,
    })),
  };
}
