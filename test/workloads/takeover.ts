/** Workloads in which the worker dies or the code changes: takeover, unknown effects, drift, renames, orphans. */
import { type Run, workflow } from '../../src/author/index.ts';
import type { EffectClass } from '../../src/model/index.ts';
import { functionAgent, type FunctionSkill } from '../../src/ports/agent/index.ts';
import type { Workload } from './lab.ts';
import { maths } from './plain.ts';

/** A call that never comes back, and an open door for the next process. */
function doorstep(after: 'pure' | 'lost' | 'asks' | 'keyed' | 'mute', happened?: boolean) {
  const effect: EffectClass = after === 'pure' ? 'pure' : after === 'keyed' ? 'idempotent' : 'reversible';
  const door = (run: () => unknown) => {
    const skill: FunctionSkill = { effect, keyed: after === 'keyed', run };
    if (after === 'asks') skill.reconcile = () => ({ happened, output: happened === true ? 7 : undefined });
    return functionAgent('door', { skills: { step: skill } });
  };
  return [door(() => new Promise(() => {})), door(() => 42)] as const;
}

const through = workflow('through', async (run) => {
  const before = await run.ask('double', 1);
  const step = await run.effect('step', 5);
  return { before, step };
});

function crossing(
  name: string,
  about: string,
  doors: ReturnType<typeof doorstep>,
  answer?: 'approve' | 'deny',
): Workload {
  return {
    name,
    about,
    async run(lab) {
      const site = await lab.open([through], [maths(), doors[0]]);
      const { run } = await site.start(through);
      await lab.until(run, 'the call', (s) => (s.steps.get('step')?.attempts?.length ?? 0) > 0);
      lab.kill(site);
      const next = await lab.open([through], [maths(), doors[1]]);
      if (answer !== undefined) {
        await lab.until(run, 'a person to be asked', (s) => s.steps.get('step')?.at === 'person');
        if (answer === 'approve') await next.approve(run, 'step', { value: 'seen in the log' });
        else await next.deny(run, 'step');
      }
      await next.handle(run).output();
      return [run];
    },
  };
}

interface Edit {
  name: string;
  about: string;
  before: (run: Run) => unknown;
  after: (run: Run) => unknown;
  /** A person's word on the drift of the step `work`. */
  choice?: 'keep' | 'redo';
}

const wait = { ms: 60_000 };
const edits: Edit[] = [
  {
    name: 'renamed',
    about: 'a settled step and an open map are renamed',
    before: async (run) => {
      await run.ask('double', 1, { name: 'old' });
      return run.map('list', [1, 2], { itemKey: (n) => n }, async (n, inner) =>
        n === 1 ? inner.ask('double', n) : inner.signal('go'),
      );
    },
    after: async (run) => {
      await run.ask('double', 1, { name: 'new', was: 'old' });
      return run.map('items', [1, 2], { itemKey: (n) => n, was: 'list' }, async (n, inner) =>
        n === 1 ? inner.ask('double', n) : inner.signal('go'),
      );
    },
  },
  {
    name: 'orphaned',
    about: 'the code no longer asks for a step that was settled',
    before: async (run) => {
      await run.ask('double', 1, { key: 'gone' });
      return run.signal('go');
    },
    after: async (run) => run.signal('go'),
  },
  {
    name: 'drift kept by the step',
    about: 'another input, and the step says keep',
    before: async (run) => [await run.ask('double', 1, { name: 'work' }), await run.signal('go')],
    after: async (run) => [await run.ask('double', 2, { name: 'work', drift: 'keep' }), await run.signal('go')],
  },
  {
    name: 'drift redone by the step',
    about: 'another input, and the step says redo',
    before: async (run) => [await run.ask('double', 1, { name: 'work' }), await run.signal('go')],
    after: async (run) => [await run.ask('double', 2, { name: 'work', drift: 'redo' }), await run.signal('go')],
  },
  {
    name: 'drift kept',
    about: 'another input, and a person says keep',
    before: async (run) => [await run.ask('double', 1, { name: 'work' }), await run.signal('go')],
    after: async (run) => [await run.ask('double', 2, { name: 'work' }), await run.signal('go')],
    choice: 'keep',
  },
  {
    name: 'drift redone',
    about: 'another kind of step, and a person says redo',
    before: async (run) => [await run.ask('double', 1, { name: 'work' }), await run.signal('go')],
    after: async (run) => [await run.code('work', 4, (n) => n + 1), await run.signal('go')],
    choice: 'redo',
  },
  {
    name: 'open steps asked anew',
    about: 'open steps with other inputs: a wait, a loop, a call to an agent',
    before: async (run) =>
      Promise.all([
        run.ask('hold', 1),
        run.wait('w', wait).then(() => 'waited'),
        run.signal('go'),
        run.loop('turns', { from: 0, maxTurns: 3 }, (n, inner) => (n === 1 ? inner.signal('turn') : n + 1)),
      ]),
    after: async (run) =>
      Promise.all([
        run.ask('hold', 2),
        run.wait('w', { ms: 1 }).then(() => 'waited'),
        run.signal('go'),
        // It has turned already: what it began with then is kept.
        run.loop('turns', { from: 10, maxTurns: 3, drift: 'keep' }, (n) => n + 1),
      ]),
  },
];

function edited({ name, about, before, after, choice }: Edit): Workload {
  return {
    name,
    about,
    async run(lab) {
      const hold = functionAgent('hold', { skills: { hold: (n: number) => (n === 1 ? new Promise(() => {}) : n) } });
      const first = workflow('edited', before);
      const second = workflow('edited', after);
      const site = await lab.open([first], [maths(), hold]);
      const { run } = await site.start(first);
      await lab.until(run, 'all to be asked', (s) => [...s.open].some((id) => id.endsWith('go')));
      lab.kill(site);
      const next = await lab.open([second], [maths(), hold]);
      if (choice !== undefined) {
        await lab.until(run, 'the drift', (s) => s.steps.get('work')?.driftHash !== undefined);
        // Once more taken over before the person speaks: the drift is known, and asked about again.
        lab.kill(next);
        const third = await lab.open([second], [maths(), hold]);
        await lab.until(run, 'the third worker', (s) => s.worker === 'w3');
        await third.resolveDrift(run, 'work', choice);
      }
      const site2 = choice === undefined ? next : await lab.open([]);
      await site2.signal(run, 'go', 'went');
      await site2.handle(run).output();
      return [run];
    },
  };
}

export const takeoverWorkloads: Workload[] = [
  crossing('takeover, pure', 'the worker dies while a pure call is out', doorstep('pure')),
  crossing('takeover, keyed', 'an effect whose sink honours the key', doorstep('keyed')),
  crossing('takeover, it happened', 'the sink says that it happened', doorstep('asks', true)),
  crossing('takeover, it did not', 'the sink says that it did not happen', doorstep('asks', false)),
  crossing('takeover, approved', 'nobody can tell but a person: it did', doorstep('mute'), 'approve'),
  crossing('takeover, denied', 'nobody can tell but a person: it did not', doorstep('mute'), 'deny'),
  crossing('takeover, unsure', 'the sink cannot tell, and a person can', doorstep('asks'), 'approve'),
  ...edits.map(edited),
  {
    name: 'effect timed out',
    about: 'an effect gives no answer in time: unknown, then reconciled',
    async run(lab) {
      const [mute] = doorstep('asks', true);
      const slow = workflow('slow', async (run) => run.effect('step', 5, { timeoutMs: 5 }));
      const site = await lab.open([slow], [mute]);
      const { run } = await site.start(slow);
      await site.handle(run).output();
      return [run];
    },
  },
];
