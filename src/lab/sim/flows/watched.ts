/** A run's face that tells what the code asks, and when a result reaches it: both are held against the journal. */
import { stepId } from '../../../base/index.ts';
import type { Run } from '../../../author/index.ts';

export interface Ear {
  asked(step: string): void;
  /** `cancelled`: also what code is told that must stop, whatever became of the step. */
  released(step: string, cancelled: boolean): void;
}

interface Named {
  name?: string;
  key?: string | number;
}

export function watched(run: Run, ear: Ear): Run {
  const id = (name: string, options?: Named): string => stepId(run.scope, options?.name ?? name, options?.key);
  const nameOf = (to: unknown): string => (typeof to === 'string' ? to : (to as { name: string }).name);
  const seen = <T>(step: string, promise: Promise<T>): Promise<T> => {
    ear.asked(step);
    promise.then(
      () => ear.released(step, false),
      (fault: { code?: string }) => {
        // A run that leaves its worker tells its code to stop: no result.
        if (fault.code !== 'site.stopped' && fault.code !== 'store.fenced')
          ear.released(step, fault.code === 'step.cancelled');
      },
    );
    return promise;
  };
  const plain = (name: string, options?: Named): string => stepId(run.scope, name, options?.key);
  const inner = (inside: Run): Run => watched(inside, ear);
  const inBranches = (branches: Record<string, (run: Run) => unknown>) =>
    Object.fromEntries(Object.entries(branches).map(([key, fn]) => [key, (r: Run) => fn(inner(r))] as const));

  const face = {
    id: run.id,
    scope: run.scope,
    ask: (to: never, input: never, options?: Named) =>
      seen(id(nameOf(to), options), run.ask(to, input, options as never)),
    effect: (to: never, input: never, options?: Named) =>
      seen(id(nameOf(to), options), run.effect(to, input, options as never)),
    code: (name: string, ...rest: never[]) =>
      seen(plain(name, rest.at(-1) as Named | undefined), run.code(name, ...(rest as [never, never]))),
    gate: (name: string, options?: Named) => seen(plain(name, options), run.gate(name, options)),
    wait: (name: string, how: { ms: number }, options?: Named) =>
      seen(plain(name, options), run.wait(name, how, options)),
    signal: (name: string, options?: Named) => seen(plain(name, options), run.signal(name, options)),
    workflow: (child: never, input: never, options?: Named) =>
      seen(id(nameOf(child), options), run.workflow(child, input, options as never)),
    now: (name = 'now', options?: Named) => seen(plain(name, options), run.now(name, options)),
    random: (name = 'random', options?: Named) => seen(plain(name, options), run.random(name, options)),
    continueAsNew: (input: unknown) => run.continueAsNew(input),
    map: (name: string, items: never, options: never, fn: (item: never, r: Run) => unknown) =>
      seen(
        plain(name, options),
        run.map(name, items, options, (item: unknown, r) => fn(item as never, inner(r))),
      ),
    loop: (name: string, options: never, body: (state: never, r: Run, turn: number) => never) =>
      seen(
        plain(name, options),
        run.loop(name, options, (state: never, r, turn) => body(state, inner(r), turn)),
      ),
    all: (name: string, branches: never, options?: Named) =>
      seen(plain(name, options), run.all(name, inBranches(branches), options)),
    any: (name: string, branches: never, options?: Named) =>
      seen(plain(name, options), run.any(name, inBranches(branches), options)),
    atLeast: (name: string, count: number, branches: never, options?: Named) =>
      seen(plain(name, options), run.atLeast(name, count, inBranches(branches), options)),
    settled: (name: string, branches: never, options?: Named) =>
      seen(plain(name, options), run.settled(name, inBranches(branches), options)),
  };
  return face as unknown as Run;
}
