export { createTrialClock, type TrialClock } from './clock.ts';
export { createDoom, type Doom, type DoomAt } from './doom.ts';
export { createTrial, eventsOf, type Trial } from './trial.ts';
export { createWorld, type World } from './world.ts';
export { type Code, type Deaths, type Edit, of, play, type Played, SKILLS } from './edit.ts';
