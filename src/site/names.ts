/** What is under way for steps follows their names: another step may have a former one since. */
import { idAfter } from '../base/index.ts';
import { type Command, type Event, type EventOf, presentId } from '../model/index.ts';
import type { Host } from './host.ts';

/** Under way for a step, as it is named now. */
export interface ForStep {
  step: string;
}

export function callId(step: string, n: number): string {
  return `${step}|${n}`;
}

/** What a search is for: a skill, or one step's own facts about it. */
export function searchKey(skill: string, step: string | undefined): string {
  return step === undefined ? skill : `${skill}\n${step}`;
}

/** Until it is let go, what is done for this step beside its calls follows its name. */
export function named(host: Host, step: string): ForStep {
  const one = { step };
  (host.named ??= new Set()).add(one);
  return one;
}

type Renamed = EventOf<'step.renamed'>;

/** Of what is kept by step, or by step and attempt, as the journal is read. */
export function moveNamed(all: Map<string, unknown>, event: Renamed): void {
  for (const [key, one] of all) {
    const [step = '', ...rest] = key.split('|');
    const now = idAfter(step, event.was, event.step);
    if (now === step) continue;
    all.delete(key);
    all.set([now, ...rest].join('|'), one);
  }
}

/**
 * The id that a step of the code has in the journal. Where an edit was taken back, code asks by former names: of steps that
 * were renamed, and of those that were asked for first when they had the new name.
 */
export function namesInJournal(host: Host): (step: string) => string {
  const former = new Map<string, string>();
  let lookedAt = -1;
  return (id) => {
    const { state, renames } = host;
    const known = presentId(state, id);
    if (known !== id || state.steps.has(id)) return known;
    if (lookedAt !== renames) {
      former.clear();
      for (const { id: step, former: name } of state.steps.values())
        if (name !== undefined)
          former.set(step.slice(0, step.lastIndexOf('/') + 1) + name.slice(name.lastIndexOf('/') + 1), step);
      lookedAt = renames;
    }
    return former.get(id) ?? id;
  };
}

export function followNames(host: Host, events: readonly Event[]): void {
  for (const event of events) {
    if (event.type !== 'step.renamed') continue;
    host.renames++;
    const now = (step: string): string => idAfter(step, event.was, event.step);
    const commandNow = (command: Command): Command =>
      'step' in command && command.step !== undefined ? { ...command, step: now(command.step) } : command;
    for (const one of host.named ?? []) one.step = now(one.step);
    move(host.calls, now, ({ step, n }) => callId(step, n));
    move(host.running, now, ({ step }) => step);
    move(host.searching, now, ({ skill, step }) => searchKey(skill, step));
    host.after = host.after.map(commandNow);
    if (host.flight !== undefined) host.flight.after = host.flight.after.map(commandNow);
  }
}

function move<T extends { step?: string }>(
  all: Map<string, T> | undefined,
  now: (step: string) => string,
  keyOf: (one: T) => string,
): void {
  for (const [key, one] of all ?? []) {
    if (one.step === undefined || now(one.step) === one.step) continue;
    all!.delete(key);
    one.step = now(one.step);
    all!.set(keyOf(one), one);
  }
}
