/** Planted: decisions that ask for the wrong thing, or at the wrong time. */
import { type Deciding, emit } from '../../model/index.ts';
import { wrongCommands, wrongDecision } from './deciding.ts';
import type { Tooth } from './tooth.ts';

export const commandTeeth: readonly Tooth[] = [
  wrongCommands('barrier skipped', 'nothing waits for the disk', ['effect.intent'], (d) => {
    d.barrier = false;
  }),
  wrongCommands(
    'blind retry',
    'after a takeover an unknown effect is simply called again',
    ['effect.repeated'],
    (d) => {
      d.commands = d.commands.map((command) => {
        if (command.do !== 'reconcile') return command;
        const { step, n, agent, skill, key, data } = command;
        const attempt = d.state.steps.get(step)!.attempts!.find((a) => a.n === n)!;
        attempt.status = 'open';
        return { do: 'askAgent', step, n, agent, skill, key, data, effect: attempt.effect, timeoutMs: 30_000 };
      });
    },
  ),
  wrongCommands('lost timer', 'a timer is not written', ['run.ends'], (d) => {
    d.send = d.send.filter((letter) => letter.to !== d.state.run);
  }),
  wrongCommands('lost word to a child', 'a cancelled step does not tell its child', ['cancel.reaches'], (d) => {
    d.send = d.send.filter((letter) => !letter.id.startsWith('cancel:'));
  }),
  wrongCommands('lost end of a child', 'a child does not tell its end', ['run.ends'], (d) => {
    d.send = d.send.filter((letter) => !letter.id.startsWith('child:'));
  }),
  wrongCommands('double grant', 'a child is granted twice what is held for it', ['budget.spent'], (d) => {
    for (const { body } of d.send) {
      if (body.in !== 'budget' || body.say !== 'heard' || body.granted === undefined) continue;
      body.granted = { ...body.granted, money: 10 * (body.granted.money ?? 0) };
    }
  }),
  wrongCommands('no reclaim', 'after a takeover nothing open is asked again', ['run.ends'], (d, input) => {
    if (input.in === 'claim') d.commands = [];
  }),
  wrongCommands('release order', 'results reach the code in reverse', ['release.order'], (d) => {
    for (const command of d.commands) if (command.do === 'release') command.seq = -command.seq;
  }),
  wrongCommands(
    'result lost',
    'a result asked for again comes back empty',
    ['drift.none', 'output.equal'],
    (d, input) => {
      if (input.in !== 'asked') return;
      for (const command of d.commands) if (command.do === 'release' && command.out === 'ok') command.data = null;
    },
  ),
  wrongCommands('random anew', 'after a takeover chance is drawn again', ['drift.none'], (d, input) => {
    if (input.in !== 'asked') return;
    for (const command of d.commands) {
      const step = command.do === 'release' ? d.state.steps.get(command.step) : undefined;
      if (command.do === 'release' && step?.kind === 'random') command.data = d.state.epoch / 1000;
    }
  }),
  wrongCommands(
    'continued twice',
    'a run that is taken over goes on as yet another new one',
    ['run.continued'],
    (d, input) => {
      for (const command of d.commands)
        if (input.in === 'claim' && command.do === 'startRun' && command.continues !== undefined)
          Object.assign(command, { run: `${command.run}.again`, again: false });
    },
  ),
  wrongCommands('child twice', 'after a takeover a step starts another child', ['run.continued'], (d, input) => {
    for (const command of d.commands)
      if (command.do === 'startRun' && command.parent !== undefined && (input.in === 'claim' || command.again === true))
        Object.assign(command, { run: `${command.run}.again`, again: false });
  }),
  wrongCommands('decision that throws', 'a decision throws where a join is decided', ['trouble.none'], (d) => {
    if (d.events.some((event) => event.type === 'join.frozen')) throw new Error('planted');
  }),
  wrongCommands('late as in time', 'a late answer is journaled as one in time', ['late.output'], (d) => {
    for (const event of d.events) if (event.type === 'attempt.ended') delete event.late;
  }),
  wrongDecision('timers by chance', 'when a retry is due hangs on real chance', ['trace.same'], () => ({
    after(d: Deciding) {
      for (const letter of d.send) if (letter.id.startsWith('t:retry')) letter.dueMs += Math.floor(Math.random() * 50);
    },
  })),
  wrongCommands('join not frozen', 'what ends after a join was decided is added to it', ['join.frozen'], (d, input) => {
    if (input.in !== 'branch' || d.events.length > 0) return;
    emit(d, { type: 'branch.ended', step: input.step, branch: input.branch, out: input.out });
  }),
  wrongCommands('moved while unknown', 'an unknown effect is tried elsewhere', ['effect.elsewhere'], (d) => {
    for (const event of d.events.filter((e) => e.type === 'effect.unknown')) {
      const step = d.state.steps.get(event.step)!;
      const n = (step.tries ?? 0) + 1;
      const { agent, effect } = step.attempts!.at(-1)!;
      emit(d, { type: 'attempt.begun', step: event.step, n, agent, effect, why: 'elsewhere' });
    }
  }),
];
