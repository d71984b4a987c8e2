/** What a run still needs was erased: nothing is done with what is left of it, and the run says so. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyWorkflow, parsePlan, planWorkflow, type Run, workflow } from '../../src/author/index.ts';
import type { EventType } from '../../src/model/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { createMemoryStore } from '../../src/ports/store/memory.ts';
import { verifyStream } from '../../src/site/audit/index.ts';
import { loadRun } from '../../src/site/load.ts';
import { replay } from '../../src/site/replay.ts';
import { openSite, type Site } from '../../src/site/site.ts';

let store: Store;
let site: Site;
let calls: string[];
beforeEach(() => {
  store = createMemoryStore();
  calls = [];
});
afterEach(() => site.stop({ graceMs: 0 }));

const agent = () => {
  const told = (skill: string, input: unknown) => void calls.push(`${skill} ${JSON.stringify(input)}`);
  return functionAgent('a', {
    skills: {
      echo: (input: unknown) => input,
      pay: { effect: 'idempotent', keyed: true, run: (input: unknown) => (told('pay', input), 'paid') },
      book: {
        effect: 'reversible',
        run: (input: unknown) => (told('book', input), input),
        undo: ({ input }) => told('undo', input),
      },
    },
  });
};

/** Another worker: it knows of the runs what the store holds of them. */
async function open(...workflows: AnyWorkflow[]): Promise<Site> {
  await site?.stop({ graceMs: 0 });
  return (site = await openSite({ store, workflows, agents: [agent()] }));
}

/** Events of a run with their numbers. */
async function seqsOf(run: string, type: EventType, step?: string): Promise<number[]> {
  const seqs: number[] = [];
  await loadRun(store, run, {
    snapshot: false,
    take(state, turn) {
      for (const event of turn.events) {
        const about = 'step' in event ? event.step : undefined;
        if (event.type === type && (step === undefined || about === step)) seqs.push(state.head);
        state.head++;
      }
      return true;
    },
  });
  return seqs;
}

const why = { reason: 'she asked' };
const failed = { outcome: 'failed', fault: { code: 'payload.erased' } };

async function erase(run: string, type: EventType, step?: string): Promise<void> {
  expect(await site.erase(run, await seqsOf(run, type, step), why)).toBeGreaterThan(0);
}

async function soundly(run: string): Promise<void> {
  expect(await replay(store, run)).toMatchObject({ equal: true });
  expect(await verifyStream(store, run)).toEqual([]);
}

const input = { account: 'A1', cents: 500 };

describe('code', () => {
  const code = (fn: (run: Run, input: any) => Promise<unknown>) => workflow('code', fn);
  const transfer = code(async (run, given) => {
    const to = await run.ask<typeof input>('echo', given);
    await run.gate('g');
    return run.effect('pay', { from: given.account, to: to.account, cents: given.cents });
  });

  async function paused(flow: AnyWorkflow, gate = 'g'): Promise<string> {
    await open(flow);
    const { run } = await site.start(flow, input);
    await site.handle(run).untilAsked(gate);
    return run;
  }

  test.each([
    ['its input', 'run.admitted', undefined],
    ['the answer of an agent', 'attempt.ended', 'echo'],
  ] as const)('is not given what is left of %s', async (_, type, step) => {
    const run = await paused(transfer);
    await erase(run, type, step);
    await open(transfer);
    expect(await site.handle(run).result()).toMatchObject(failed);
    expect(calls).toEqual([]);
    await soundly(run);
  });

  test('goes on without what it has no use for', async () => {
    const run = await paused(transfer);
    await erase(run, 'step.asked', 'echo');
    await open(transfer);
    await site.approve(run, 'g');
    expect(await site.handle(run).output()).toBe('paid');
    await soundly(run);
  });

  test('is not told either, lest it takes a success for a failure', async () => {
    const flow = code(async (run) => {
      const id = await run.ask('echo', 1).catch(() => run.effect('pay', 'elsewhere'));
      await run.gate('g');
      return id;
    });
    const run = await paused(flow);
    await erase(run, 'attempt.ended', 'echo');
    await open(flow);
    expect(await site.handle(run).result()).toMatchObject(failed);
    expect(calls).toEqual([]);
  });

  test('is not given a result that something of is gone: a branch of a map, the state of a loop', async () => {
    const mapped = code(async (run) => {
      const list = await run.map('each', [1, 2], { itemKey: (i) => i }, (i, inner) => inner.ask('echo', i));
      await run.gate('g');
      return run.effect('pay', list);
    });
    let run = await paused(mapped);
    await site.erase(run, (await seqsOf(run, 'branch.ended', 'each')).slice(0, 1), why);
    await open(mapped);
    expect(await site.handle(run).result()).toMatchObject(failed);
    const looped = code((run) =>
      run.loop('l', { from: 1, maxTurns: 3 }, async (sum: number, inner, turn) => {
        if (turn === 2) await inner.gate('g');
        return sum + (await inner.effect<number>('book', sum));
      }),
    );
    run = await paused(looped, 'l/2/g');
    await erase(run, 'loop.turned', 'l');
    calls = [];
    await open(looped);
    expect(await site.handle(run).result()).toMatchObject(failed);
    expect(calls).toEqual(['undo 1']);
    await soundly(run);
  });

  test('what it did is not undone by rubbish: a person is told', async () => {
    const flow = code(async (run) => {
      await run.effect('book', 'room 1');
      await run.effect('book', 'room 2', { key: 2 });
      await run.gate('g');
    });
    const run = await paused(flow);
    await erase(run, 'step.asked', 'book#2');
    await open(flow);
    await site.cancel(run, 'enough');
    expect(await site.handle(run).result()).toMatchObject({ outcome: 'cancelled' });
    expect(calls.filter((call) => call.startsWith('undo'))).toEqual(['undo "room 1"']);
    const [at] = await seqsOf(run, 'fault.escalated', 'book#2');
    expect(at).toBeGreaterThan(0);
    await soundly(run);
  });

  test('a person does not say yes to what is gone: an edit says what is to be taken', async () => {
    const flow = code(async (run) => (await run.gate('g', { show: { pay: 'Rosa' } })).value);
    const run = await paused(flow);
    await erase(run, 'step.asked', 'g');
    await open(flow);
    await expect(site.approve(run, 'g')).rejects.toMatchObject({ code: 'payload.erased' });
    // Nor by a letter past the verb.
    const by = { id: 'ann', rights: ['*'] };
    const body = JSON.stringify({ in: 'gate', step: 'g', id: 'w', choice: 'approve', by, letter: '' });
    await store.post([{ to: run, id: 'gate:w', dueMs: 0, body }]);
    await site.worker.look();
    await expect.poll(async () => (await site.state(run)).heard.has('w')).toBe(true);
    await site.edit(run, 'g', { pay: 'Mia' });
    expect(await site.handle(run).output()).toEqual({ pay: 'Mia' });
    await soundly(run);
  });

  test('a call that is to be made again is not made with what is left', async () => {
    const flow = code((run) => run.effect('pay', 'Rosa', { right: 'pay' }));
    const run = await paused(flow, 'pay');
    await erase(run, 'step.asked', 'pay');
    await open(flow);
    await expect(site.approve(run, 'pay')).rejects.toMatchObject({ code: 'payload.erased' });
    await site.edit(run, 'pay', 'Mia');
    expect(await site.handle(run).output()).toBe('paid');
    expect(calls).toEqual(['pay "Mia"']);
  });

  test('an edit after an erasure: what was kept replays as it was written', async () => {
    const asks = (word: string) =>
      code(async (run) => {
        const said = await run.ask('echo', word);
        await run.gate('g');
        return said;
      });
    const run = await paused(asks('a'));
    await erase(run, 'step.asked', 'echo');
    await open(asks('b'));
    await site.approve(run, 'g');
    expect(await site.handle(run).output()).toBe('a');
    expect(await seqsOf(run, 'drift.answered', 'echo')).toHaveLength(1);
    await soundly(run);
  });
});

describe('a plan', () => {
  const flow = planWorkflow(
    parsePlan(`
name: plan
steps:
  a: { ask: echo, with: '\${input}' }
  g: { gate: r, after: a }
  b: { effect: pay, with: { to: '\${steps.a.account}' }, after: g }
`),
  );

  async function paused(): Promise<string> {
    await open(flow);
    const { run } = await site.start(flow, input);
    await site.handle(run).untilAsked('g');
    return run;
  }

  test('is not erased while its run is open: not by name, and not by retention', async () => {
    const run = await paused();
    const [planned] = await seqsOf(run, 'run.planned');
    await expect(site.erase(run, [0, planned!], why)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`event ${planned}`),
    });
    await site.retain({ beforeMs: Date.now() + 1_000, of: 'all' });
    await open(flow);
    expect((await site.state(run)).open.has('g')).toBe(true);
    await site.approve(run, 'g');
    // What the step would be asked with is gone: it says so, and nobody is called.
    expect(await site.handle(run).result()).toMatchObject(failed);
    expect(calls).toEqual([]);
    await soundly(run);
    // Over, it needs it no more.
    await site.retain({ beforeMs: Date.now() + 1_000, of: 'all' });
    expect(JSON.stringify(await store.read(run))).not.toContain('steps.a.account');
    expect((await site.state(run)).outcome).toBe('failed');
    expect(await replay(store, run)).toMatchObject({ equal: true, asWritten: expect.any(Number) });
  });

  test('what it needs no more may go', async () => {
    const run = await paused();
    await erase(run, 'run.admitted');
    await open(flow);
    await site.approve(run, 'g');
    expect(await site.handle(run).output()).toBe('paid');
    expect(await replay(store, run)).toMatchObject({ equal: true, asWritten: 1 });
  });

  test('a run whose plan was erased under an earlier version can be read, and ends', async () => {
    const run = await paused();
    const [planned] = await seqsOf(run, 'run.planned');
    const by = { id: 'ann', rights: ['*'] };
    const body = JSON.stringify({ in: 'erase', seqs: [planned], by, reason: 'x', letter: '' });
    await store.post([{ to: run, id: 'erase:1', dueMs: 0, body }]);
    await site.worker.look();
    await expect.poll(async () => (await site.state(run)).lacks).toBe(true);
    await open(flow);
    expect(await site.handle(run).result()).toMatchObject(failed);
    await soundly(run);
  });
});
