/** What a run changed is taken back when it fails: the last first, each once, however often somebody dies. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Run, workflow } from '../author/index.ts';
import { deedsOf, openSink, runOverSink, type Sink, sinkAgent, tellSink } from '../lab/sink/index.ts';
import { type DoomAt, of } from '../lab/trial/index.ts';

let sink: Sink | undefined;
afterEach(async () => {
  await sink?.close();
  sink = undefined;
});

const agentsFor = (url: () => string) => [
  sinkAgent({ name: 'booker', skill: 'book', effect: 'reversible', reconciles: true, undoes: true, url }),
  sinkAgent({ name: 'payer', skill: 'pay', effect: 'idempotent', keyed: true, url }),
];

/** Three bookings and a payment, then the end. */
const trip = (end: (run: Run) => unknown) =>
  workflow('trip', async (run) => {
    await run.effect('book', 'train', { name: 'train' });
    await run.map('rooms', [1, 2], { itemKey: String, width: 1 }, (n, inner) =>
      inner.effect('book', n, { name: 'room' }),
    );
    await run.effect('pay', 10);
    return end(run);
  });

async function travelled(end: (run: Run) => unknown, how: Partial<Parameters<typeof runOverSink>[0]> = {}) {
  sink ??= await openSink({ keyed: false });
  const own = sink;
  return runOverSink({ flow: trip(end), agents: agentsFor(() => own.url), deeds: () => own.deeds(), ...how });
}

const undoOrder = ['rooms/2/room', 'rooms/1/room', 'train'];

describe('undo', () => {
  test('in reverse order when the code fails, and not of what has no undo', async () => {
    const { state, events } = await travelled(() => {
      throw new Error('no holiday');
    });
    expect(state.fault?.message).toBe('no holiday');
    expect(of(events, 'undo.begun').map((e) => e.step)).toEqual(undoOrder);
    expect(sink!.deeds().map(({ done, undone }) => [done, undone])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
  });

  test('in reverse order when it is cancelled, and when its deadline passes', async () => {
    const waits = (run: Run) => run.gate('ok');
    const cancelled = await travelled(waits, { cancelWhen: (state) => state.steps.has('ok') });
    expect(cancelled.state.outcome).toBe('cancelled');
    expect(of(cancelled.events, 'undo.begun').map((e) => e.step)).toEqual(undoOrder);
    await sink!.close();
    sink = undefined;
    const flow = { ...trip(waits), deadlineMs: 300 };
    sink = await openSink({ keyed: false });
    const late = await travelled(waits, { flow });
    expect(late.state.fault?.code).toBe('deadline.passed');
    expect(of(late.events, 'undo.begun').map((e) => e.step)).toEqual(undoOrder);
  });

  test('a try that fails is made again; one that never works is told and does not keep the others', async () => {
    sink = await openSink({ keyed: false });
    sink.next('undo', { is: 'cutBefore' });
    sink.next('undo', { is: 'cutAfter' });
    sink.next('undo', { is: 'sayFailed' });
    const fails = (): never => {
      throw new Error('no');
    };
    const { state, events } = await travelled(fails);
    expect(state.outcome).toBe('failed');
    expect(of(events, 'undo.begun').map((e) => e.step)).toEqual([
      undoOrder[0],
      undoOrder[0],
      undoOrder[0],
      ...undoOrder,
    ]);
    expect(
      sink
        .deeds()
        .filter((d) => !d.key.includes(':pay:'))
        .every((d) => d.done === 1 && d.undone === 1),
    ).toBe(true);
  }, 20_000);

  test('each once at the sink, wherever its worker dies', async () => {
    const fails = (): never => {
      throw new Error('no');
    };
    const { commits } = await travelled(fails);
    await sink!.close();
    for (const when of ['before', 'after'] as const) {
      for (let commit = 1; commit <= commits; commit++) {
        const dies: DoomAt = { commit, when };
        sink = await openSink({ keyed: true });
        const { state } = await travelled(fails, { dies });
        const deeds = sink.deeds().map(({ key, done, undone }) => ({ pay: key.includes(':pay:'), done, undone }));
        expect({ dies, outcome: state.outcome }).toEqual({ dies, outcome: 'failed' });
        for (const deed of deeds)
          expect({ dies, ...deed }).toEqual({ dies, pay: deed.pay, done: 1, undone: deed.pay ? 0 : 1 });
        await sink.close();
      }
    }
    sink = undefined;
  }, 60_000);

  test('what lands after its step was cancelled is taken back', async () => {
    sink = await openSink({ keyed: false });
    sink.next('work', { is: 'slow', ms: 400 });
    const own = sink;
    const race = workflow('race', (run) =>
      run.any('j', {
        slow: (inner) => inner.effect('book', 'slow'),
        quick: async (inner) => {
          await inner.wait('w', { ms: 200 });
          return 'quick';
        },
      }),
    );
    const { state } = await runOverSink({ flow: race, agents: agentsFor(() => own.url), deeds: () => own.deeds() });
    expect(state.output).toEqual({ branch: 'quick', value: 'quick' });
    expect(own.deeds()).toMatchObject([{ done: 1, undone: 1 }]);
  });
});

describe('a sink in a process of its own', () => {
  test('that is killed before or after its work: what it did is in its book, and counts once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skein-sink-'));
    for (const [i, is] of (['dieBefore', 'dieAfter'] as const).entries()) {
      const file = join(folder, `${i}.jsonl`);
      let { url, child } = await spawnSink(file);
      await tellSink(url, 'work', { is });
      let restarts = 0;
      const watch = async (): Promise<void> => {
        await new Promise((gone) => child.once('exit', gone));
        restarts++;
        ({ url, child } = await spawnSink(file));
      };
      const restarted = watch();
      const flow = workflow('once', (run) => run.effect('book', 1));
      const played = await runOverSink({ flow, agents: agentsFor(() => url), deeds: () => deedsOf(url) });
      await restarted;
      expect(played.state.outcome).toBe('completed');
      expect(restarts).toBe(1);
      expect((await deedsOf(url)).map((deed) => deed.done)).toEqual([1]);
      child.kill('SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  }, 20_000);
});

async function spawnSink(file: string) {
  const script = join(import.meta.dirname, '..', 'lab', 'sink', 'sink.ts');
  const child = spawn(process.execPath, [script, file, 'unkeyed'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((ready) =>
    child.stdout.once('data', (line: Buffer) => ready(String(line).trim())),
  );
  return { url, child };
}
