/**
 * Agents whose question stays without an answer are told so, that nothing waits at them for ever. Nothing of the run
 * depends on it: who cannot be reached is tried again for a while, and then it is said that it was not told.
 */
import { errorText, Fault } from '../base/index.ts';
import type { CommandOf } from '../model/index.ts';
import type { Host } from './host.ts';
import { ASIDE_MS, type Performing } from './perform.ts';
import { within } from './within.ts';

const FIRST_WAIT_MS = 100;

export function leaveQuestion(p: Performing, host: Host, command: CommandOf<'leaveQuestion'>): void {
  const { run } = host;
  const { agent: name, step, skill, key, question, denied } = command;
  const agent = p.agents.get(name);
  // Others hold nothing for an answer.
  if (agent !== undefined && agent.leave === undefined) return;
  const untilMs = p.clock.monotonicMs() + ASIDE_MS;
  const work = tell().catch((thrown: unknown) => {
    const why = `'${name}' was not told that nobody answers its question about '${step}', and may wait on: ${errorText(thrown)}`;
    p.onTrouble(run, new Fault('agent.lost', why, { cause: thrown }));
  });
  p.leaving.add(work);
  void work.finally(() => p.leaving.delete(work));

  async function tell(): Promise<void> {
    if (agent === undefined) throw new Fault('agent.none', 'it is not at this site now');
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      try {
        const left = untilMs - p.clock.monotonicMs();
        const leaving = Promise.resolve(agent.leave!({ run, step, skill, key, question, denied }));
        if (await within(p.clock, leaving, left)) return;
        throw new Fault('step.timeout', `it did not answer within ${ASIDE_MS} ms`);
      } catch (thrown) {
        if (p.clock.monotonicMs() + waitMs > untilMs) throw thrown;
      }
      await new Promise<void>((resolve) => p.clock.after(waitMs, resolve));
    }
  }
}
