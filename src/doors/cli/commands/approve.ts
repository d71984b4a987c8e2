/** `skein approve` and `skein deny`: a person's word to what waits for one. */
import type { Command } from 'commander';
import { Fault, shellWord } from '../../../base/index.ts';
import type { GateWord, Site } from '../../../site/face.ts';
import { driftCommand, openDrifts, type OpenGate, openGates } from '../../../site/gates.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { readGivenJson } from '../given-json.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { stepsOf } from '../reading.ts';
import { carriedBy, lastOfChain, noSuchStep } from '../there.ts';
import { heardBy } from '../workers.ts';

interface Given extends SiteWords, ByWords {
  reason?: string;
  edit?: string;
  value?: string;
}

export function registerApprove(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'approve <run> [step]',
    brief: 'let a gate or an effect pass',
    does: 'let a gate or an effect pass, or say that an unknown call happened',
    examples: [
      ['approve r_0mwp', 'the one thing that the run waits for'],
      [`approve r_0mwp approve --edit '{"cents":500}'`, 'a gate, with what it shows changed'],
      [`approve r_0mwp pay --value '"paid"'`, 'an unknown call: it happened, and this was the answer'],
    ],
  })
    .option('--reason <text>', 'why: kept in the journal')
    .option('--edit <json>', "a gate: pass it with this instead of what it shows; an agent's question: the answer")
    .option('--value <json>', 'an unknown call: what the sink answered');
  withBy(made).action((run: string, step: string | undefined, given: Given) =>
    answer(door, run, step, given, async (site, to, gate, word) => {
      if (given.edit !== undefined)
        return site.edit(to, gate.step, readGivenJson(given.edit, door.terminal, '--edit'), word);
      const value = given.value === undefined ? undefined : readGivenJson(given.value, door.terminal, '--value');
      return site.approve(to, gate.step, { ...word, value });
    }),
  );
}

export function registerDeny(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'deny <run> [step]',
    brief: 'say no to a gate or an effect',
    does: 'say no to a gate or an effect, or say that an unknown call did not happen',
    examples: [['deny r_0mwp --reason "too much"', 'the one thing that the run waits for']],
  }).option('--reason <text>', 'why: kept in the journal');
  withBy(made).action((run: string, step: string | undefined, given: Given) =>
    answer(door, run, step, given, (site, to, gate, word) => site.deny(to, gate.step, word)),
  );
}

type Say = (site: Site, run: string, gate: OpenGate, word: GateWord) => Promise<void>;

async function answer(door: Door, run: string, step: string | undefined, given: Given, say: Say): Promise<void> {
  await door.withAsker(given, async (site) => {
    const { stream: to } = await lastOfChain(site.store, run);
    const gate = await pick(site, to, step);
    await say(site, to, gate, { by: principalOf(given), reason: given.reason });
    const heard = await heardBy(site.store, to);
    door.tell(
      { run, to, step: gate.step, asks: gate.asks, heard },
      () => `'${gate.step}' of ${carriedBy(run, to)} is answered; ${heard}`,
    );
  });
}

async function pick(site: Site, run: string, step: string | undefined): Promise<OpenGate> {
  const state = await site.state(run);
  const gates = openGates(state);
  const isMeant = (one: { step: string }): boolean => step === undefined || one.step === step;
  const fitting = gates.filter(isMeant);
  if (fitting.length === 1) return fitting[0]!;
  const names = gates.map((gate) => `'${gate.step}'`).join(', ');
  const drift = openDrifts(state).find(isMeant);
  const next =
    fitting.length === 0 && drift !== undefined
      ? `The input of '${drift.step}' has changed, decide on it: ${driftCommand(run, drift.step)}`
      : gates.length === 0
        ? `See how it stands: skein show ${shellWord(run)}`
        : `It waits for: ${names}`;
  const detail = { run, gates, next };
  if (fitting.length > 1)
    throw new Fault('conflict', `run ${run} waits for ${gates.length} answers: name the step`, { detail });
  if (step === undefined) throw new Fault('conflict', `run ${run} waits for no answer now`, { detail });
  const steps = await stepsOf(site.store, run);
  if (!steps.has(step)) throw noSuchStep(run, step, gates.length > 0 ? gates.map((gate) => gate.step) : steps);
  throw new Fault('conflict', `'${step}' of run ${run} waits for no answer now`, { detail });
}
