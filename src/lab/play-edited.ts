/** A plan in play that is changed while it runs. */
import { parsePlan } from '../author/index.ts';
import { type Doing, NEVER, playPlan, type PlayOptions, startPlay } from './play.ts';

const echo: Doing = (input) => input ?? 'done';

/** `held` steps answer only after `let()`; everything else at once. */
export function beginEdited(yaml: string, options: Omit<PlayOptions, 'plan'> = {}) {
  let open = false;
  const functions: Record<string, Doing> = {
    echo,
    say: (_, { step }) => step,
    held: (input) => (open ? (input ?? 'held') : NEVER),
    fail: () => {
      throw new Error('no');
    },
    ...options.functions,
  };
  const agents = { work: echo, slow: () => NEVER as unknown, ...options.agents };
  const plan = parsePlan(`name: test\n${yaml}`);
  const all = { ...options, functions, agents, plan };
  const play = playPlan(all);
  return {
    play,
    edit(changed: string) {
      play.replan(parsePlan(`name: test\n${changed}`));
      return play;
    },
    /** What was held answers now. */
    let(step: string, data: string | number = 'held') {
      open = true;
      play.give({ in: 'ran', step, data });
      return play.go();
    },
    /** As a worker that starts with the journal would see it. */
    again: () => startPlay(all, JSON.parse(JSON.stringify(play.turns))).state,
  };
}
