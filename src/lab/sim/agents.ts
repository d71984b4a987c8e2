/**
 * Agents as a process reaches them: calls travel, arrive though their caller is dead, and answers get
 * lost, come late, twice, or in another order. Sinks keep to what they promise: a keyed one acts once
 * per key; one that has said 'it did not happen' turns away what was sent before.
 */
import { createSeededChance, Fault, type Json, type SeededChance } from '../../base/index.ts';
import { type AnswerInput, passOf } from '../../model/index.ts';
import type { Agent, AgentCall, AgentReply, Happened, UndoCall } from '../../ports/agent/index.ts';
import type { World as EditWorld } from '../trial/index.ts';
import type { Findings } from './finding.ts';
import { textOf } from './edited-code.ts';
import { formerName } from './flows/index.ts';
import { answerOf, editAgents, type SimAgent, simAgents, type SimSkill } from './skills.ts';
import type { Deed, Truth } from './truth.ts';
import type { RunView } from './views.ts';
import type { SimProcess, World } from './world.ts';

/** How likely each mishap is, a call. */
export interface ReplyFaults {
  lostCall: number;
  lostReply: number;
  late: number;
  again: number;
  fails: number;
  refusesUndo: number;
  /** Of steps so many take down whatever process calls for them. */
  kills: number;
}

export const CALM: ReplyFaults = { lostCall: 0, lostReply: 0, late: 0, again: 0, fails: 0, refusesUndo: 0, kills: 0 };

export interface Outside {
  world: World;
  truth: Truth;
  findings: Findings;
  chance: SeededChance;
  faults(): ReplyFaults;
  /** The process dies, and is born again later. */
  crash(process: SimProcess): void;
  viewOf(run: string): RunView | undefined;
  /** The epoch that this process holds the run with; undefined when it does not. */
  heldEpoch(process: SimProcess, run: string): number | undefined;
  /** Tells the worker of this process the same answer once more. */
  repeat(process: SimProcess, run: string, answer: Pick<AnswerInput, 'step' | 'n' | 'of' | 'data'>): void;
  /** In the books of this process the step of edited code, or of another plan, is open again, whatever the disk knows yet. */
  isRedone(process: SimProcess, run: string, step: string): boolean;
  /** The name of the step, and those it had: an intent is on disk under the one of then. */
  namesOf(process: SimProcess, run: string, step: string): string[];
  /** What the program of this process says of agents; undefined where no code is edited. */
  editWorld(process: SimProcess): EditWorld | undefined;
  /** A call left for an agent of edited code. */
  called(process: SimProcess, run: string, text: string): void;
}

export function agentsFor(outside: Outside, process: SimProcess): Agent[] {
  const edited = outside.editWorld(process) === undefined ? [] : editAgents;
  return [...simAgents, ...edited].map((agent) => agentFor(outside, process, agent));
}

function agentFor(o: Outside, process: SimProcess, { name, skills }: SimAgent): Agent {
  const skillOf = (skill: string): SimSkill => skills.find((s) => s.name === skill)!;
  const agent: Agent = {
    name,
    skills: skills.map((s) => ({ name: s.name, effect: s.effect, keyed: s.keyed, price: { money: s.price } })),
    call: (call) => answer(o, process, { agent: name, skill: skillOf(call.skill) }, call),
  };
  if (skills.some((s) => s.reconciles)) agent.reconcile = (call) => askSink(o, process, call);
  if (skills.some((s) => s.undoes)) agent.undo = (call) => undo(o, process, call);
  return agent;
}

function answer(
  o: Outside,
  process: SimProcess,
  { agent, skill }: { agent: string; skill: SimSkill },
  call: AgentCall,
): Promise<AgentReply> | AgentReply {
  const { world, chance } = o;
  const { run, step, attempt: n } = call;
  const stale = checkCall(o, process, skill, call);
  const sentMs = world.nowMs();
  const { era } = o.truth;
  const editing = skill.byKey === true ? o.editWorld(process) : undefined;
  if (editing !== undefined && !stale) o.called(process, run, textOf(skill.name, call.input));
  const { input, key } = call;
  const faults = o.faults();
  if (isDeadly(faults, run, step)) {
    o.crash(process);
    return new Promise(() => {});
  }
  const reply: AgentReply = { output: answerOf(skill.name, input), cost: { money: skill.price } };
  // A function in the same process answers at once.
  if (skill.effect === 'pure' && skill.fails === undefined && !isTakingTime(editing, skill.name) && chance.yes(0.15)) {
    o.truth.pay(run, `${formerName(step)}|${n}`, skill.price, era);
    return reply;
  }
  return new Promise((resolve, reject) => {
    if (chance.yes(faults.lostCall)) return;
    const slowMs = editing?.held.has(skill.name) === true ? chance.int(1_200) : 0;
    world.after(1 + chance.int(30) + slowMs, () => {
      const fault = refusal(skill, n, editing) ?? (chance.yes(faults.fails) ? passing(chance) : undefined);
      if (fault === undefined && skill.effect !== 'pure') {
        if (!act(o, skill, { run, step, key, input, stale, sentMs, era })) return;
      }
      if (fault === undefined) {
        // Who honours keys takes money once for a key. What a worker pays that slept while another found out that its
        // call had not happened is in no book, as what it does is in none.
        const unheard = stale && skill.effect !== 'pure' && skill.keyed !== true;
        if (!unheard) o.truth.pay(run, skill.keyed ? key : `${formerName(step)}|${n}`, skill.price, era);
        world.trace.say(`   ${run} ${step}|${n} was paid ${skill.price}`);
      }
      if (chance.yes(faults.lostReply)) return;
      if (editing?.silent.has(skill.name) === true && chance.yes(0.5)) return;
      const backMs = chance.yes(faults.late) ? 300 + chance.int(3_000) : 1 + chance.int(30);
      world.after(backMs, () => (fault === undefined ? resolve(reply) : reject(fault)), process);
      if (fault === undefined && chance.yes(faults.again))
        world.after(
          backMs + chance.int(100),
          () => o.repeat(process, run, { step, n, of: { key, agent, skill: skill.name }, data: reply.output as Json }),
          process,
        );
    });
  });
}

/** Always the same steps: they are poison. */
function isDeadly({ kills }: ReplyFaults, run: string, step: string): boolean {
  return kills > 0 && createSeededChance(`${run}|${step}`).yes(kills);
}

function isTakingTime(editing: EditWorld | undefined, skill: string): boolean {
  return editing?.busy.has(skill) === true || editing?.held.has(skill) === true;
}

/** What must hold when a call leaves; true when the caller's epoch is no longer the run's. */
function checkCall(o: Outside, process: SimProcess, skill: SimSkill, call: AgentCall): boolean {
  const { run, step, attempt: n } = call;
  const view = o.viewOf(run);
  const intent = o
    .namesOf(process, run, step)
    .map((name) => view?.begun.get(`${name}|${n}`))
    .find((at) => at !== undefined);
  o.world.trace.say(`   ${run} ${process.name} calls ${skill.name} for ${step}|${n}`);
  const held = o.heldEpoch(process, run);
  const stale = view === undefined || held === undefined || held < view.epoch;
  if (call.effect !== 'pure' && (intent === undefined || intent >= (view?.durable ?? 0)))
    o.findings.add('effect.intent', run, `${step}|${n} is called and its intent is not on disk`);
  if (call.effect === 'irreversible' && !stale) checkGate(o, view, step);
  const settled = o.isRedone(process, run, step) ? undefined : view?.settled.get(step);
  if (!stale && settled !== undefined && (intent === undefined || intent > settled.seq || call.effect === 'pure'))
    o.findings.add('settled.worked', run, `${step}|${n} is called though the step is settled (${settled.out})`);
  return stale;
}

function refusal(skill: SimSkill, n: number, editing: EditWorld | undefined): Fault | undefined {
  if (editing?.busy.has(skill.name) === true) return new Fault('agent.busy', 'busy');
  switch (skill.fails) {
    case 'elsewhere':
      return new Fault('agent.failed', 'it cannot');
    case 'never':
      return new Fault('agent.refused', 'it will not');
    case 'twiceBusy':
      return n <= 2 ? new Fault('agent.busy', 'busy', { afterMs: 20 }) : undefined;
    default:
      return undefined;
  }
}

function passing(chance: SeededChance): Fault {
  const code = chance.pick(['agent.failed', 'agent.busy', 'overloaded'] as const);
  return new Fault(code, 'not now', code === 'agent.failed' ? {} : { afterMs: chance.int(100) });
}

interface Act {
  run: string;
  step: string;
  key: string;
  input: Json | undefined;
  stale: boolean;
  sentMs: number;
  era: number;
}

/** False when the sink turns the call away. */
function act(o: Outside, skill: SimSkill, { run, step, key, input, stale, sentMs, era }: Act): boolean {
  const { truth, findings } = o;
  const deed = deedOf(truth, skill, { run, step, input, key });
  if (sentMs < deed.closedBefore) return false;
  if (era !== truth.era) deed.forgotten = true;
  deed.keys.add(key);
  if (skill.keyed) {
    if (truth.byKey.has(key)) return true;
    truth.byKey.set(key, deed);
  }
  deed.done++;
  if (stale) deed.stale++;
  o.world.trace.say(`   ${run} ${step} took place at ${skill.name} (${deed.done})`);
  const standing = deed.done - deed.undone - (skill.keyed ? 0 : deed.stale);
  if (standing > 1 + (o.viewOf(run)?.redone.get(key) ?? 0))
    findings.add(skill.keyed ? 'effect.keyed' : 'effect.repeated', run, `${step} took place ${deed.done} times`);
  return true;
}

function checkGate(o: Outside, view: RunView | undefined, id: string): void {
  const step = view?.state.steps.get(id);
  if (view === undefined || step === undefined || step.passed === true) return;
  const { gate } = passOf(view.state, step);
  if (gate !== undefined && view.settled.get(gate)?.out === 'ok') return;
  o.findings.add('effect.ungated', view.run, `${id} is called and nobody let it pass`);
}

/** After this word what was sent before it acts no more. */
export function sinkSays(
  truth: Truth,
  call: { run: string; step: string; skill: string; input: Json | undefined; key?: string },
  nowMs: number,
): Happened {
  const skill = [...simAgents, ...editAgents].flatMap((a) => a.skills).find((s) => s.name === call.skill)!;
  const deed = deedOf(truth, skill, call);
  if (deed.done > deed.undone) return { happened: true, output: deed.output };
  deed.closedBefore = nowMs;
  return { happened: false };
}

interface Meant {
  run: string;
  step: string;
  input: Json | undefined;
  key?: string;
}

function deedOf(truth: Truth, skill: SimSkill, { run, step, input, key }: Meant): Deed {
  const { name, effect, keyed } = skill;
  const first = { run, step, skill: name, effect, keyed: keyed === true, output: answerOf(name, input) };
  return truth.deed(first, input, skill.byKey === true ? key : undefined);
}

function askSink(o: Outside, process: SimProcess, call: Parameters<NonNullable<Agent['reconcile']>>[0]) {
  const { world, truth, chance } = o;
  return new Promise<Happened>((resolve) => {
    world.after(1 + chance.int(30), () => {
      const says = sinkSays(truth, call, world.nowMs());
      world.trace.say(`   ${call.run} ${call.step} the sink says ${String(says.happened)}`);
      const wasTakenBack = truth.find(call.run, call.step, call.input)?.forgotten === true;
      if (says.happened === false && wasTakenBack) truth.forget(call.run, call.step);
      world.after(1 + chance.int(30), () => resolve(says), process);
    });
  });
}

function undo(o: Outside, process: SimProcess, call: UndoCall): Promise<void> {
  const { world, truth, chance } = o;
  return new Promise((resolve, reject) => {
    const refuses = chance.yes(o.faults().refusesUndo);
    world.after(1 + chance.int(30), () => {
      if (refuses) {
        world.after(5, () => reject(new Fault('agent.busy', 'not now', { retry: 'same' })), process);
        return;
      }
      const deed = truth.find(call.run, call.step, call.input) ?? truth.withKey(call.key.slice('undo:'.length));
      if (deed === undefined) {
        o.findings.add('undo.whole', call.run, `${call.step} is undone and never took place`);
      } else if (!truth.byKey.has(call.key)) {
        truth.byKey.set(call.key, deed);
        deed.undone = deed.done;
        world.trace.say(`   ${call.run} ${call.step} is undone`);
      }
      world.after(1 + chance.int(30), () => resolve(), process);
    });
  });
}
