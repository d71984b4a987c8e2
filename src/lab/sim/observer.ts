/** Sees every commit at the moment it reaches the disk, folds it, and checks it. */
import { scopeOf } from '../../base/index.ts';
import { decodeRecord, type Event, fold, type Turn } from '../../model/index.ts';
import type { Append, AppendResult } from '../../ports/store/index.ts';
import { checkAfter, checkBefore, checkDrift, type EventChecking, isOfEdges } from './check-events.ts';
import { countTakes } from './check-poison.ts';
import type { Disk, DiskStream, DiskWatcher } from './disk.ts';
import { textOf } from './edited-code.ts';
import { afterEdit, beforeEdit } from './view-edits.ts';
import { newView, type RunView } from './views.ts';

const ENDS = new Set<Event['type']>(['run.cancelling', 'run.ending', 'run.ended']);

export interface Observer extends DiskWatcher {
  readonly views: ReadonlyMap<string, RunView>;
  /** Events so far. */
  readonly appended: number;
  /** A commit with a barrier was acknowledged to a worker. */
  acked(appends: readonly Append[], results: readonly AppendResult[], barrier: boolean): void;
  /** Records acknowledged with a barrier, by run: seq to hash. */
  readonly promised: ReadonlyMap<string, ReadonlyMap<number, string>>;
}

export interface ObserverOptions extends EventChecking {
  disk: Disk;
  say(line: string): void;
  /** Whether this worker can carry on what needs this. */
  has(worker: string, needs: string): boolean;
  onEvent(view: RunView, event: Event): void;
  onBackedUp(): void;
  /** Everything may be different now. */
  onRolledBack(restored: boolean, streams: ReadonlyMap<string, DiskStream>): void;
}

export function createObserver(options: ObserverOptions): Observer {
  const { disk, findings } = options;
  let views = new Map<string, RunView>();
  const promised = new Map<string, Map<number, string>>();
  let appended = 0;

  function viewOf(run: string): RunView {
    let view = views.get(run);
    if (view === undefined) views.set(run, (view = newView(run)));
    return view;
  }

  function take(view: RunView, record: NonNullable<Append['record']>, check: boolean): void {
    const { state } = view;
    if (record.epoch !== view.recordEpoch && view.recordEpoch !== 0 && check) {
      // A run that is told that it was restored is told that first: once for each backup that took its place.
      const events = decodeRecord(record).flatMap((turn) => turn.events);
      const told = events[0]?.type === 'run.restored' ? events[0].restoredMs : undefined;
      if (told !== undefined && (told === state.restoredMs || !disk.restoredAt.includes(told)))
        findings.add('journal.epoch', view.run, `epoch ${record.epoch} begins with a restore that there was not`);
      const first = events[told === undefined ? 0 : 1];
      if (first?.type !== 'run.claimed' || first.epoch !== record.epoch)
        findings.add('journal.epoch', view.run, `epoch ${record.epoch} begins without its claim`);
    }
    view.recordEpoch = record.epoch;
    for (const turn of decodeRecord(record)) {
      state.at = turn.at;
      if (turn.events.some(({ type }) => ENDS.has(type))) view.endingSeq = Math.min(view.endingSeq, state.head);
      noteOrphans(view, turn);
      if (check) checkDrift(options, view, turn);
      for (const event of turn.events) {
        if (check) checkBefore(options, view, event, turn);
        else remember(view, event, turn);
        beforeEdit(view, event);
        if (event.type === 'step.settled' && event.out === 'ok') noteResult(view, event.step, record.epoch);
        fold(state, event);
        afterEdit(view, event);
        note(view, event, record.epoch);
        if (!check) continue;
        checkAfter(options, view, event);
        options.say(`   ${view.run} ${state.head} ${brief(event)}`);
        options.onEvent(view, event);
      }
    }
  }

  /** What later checks ask for. */
  function note(view: RunView, event: Event, epoch: number): void {
    const { state } = view;
    switch (event.type) {
      case 'step.settled':
        view.settled.set(event.step, { seq: state.head, epoch, out: event.out });
        return;
      case 'run.claimed':
        view.owners.set(event.epoch, event.worker);
        return;
      case 'effect.unknown':
        // What was taken for its end is not: it may be told of after all.
        view.ended.delete(`${event.step}|${event.n}`);
        return;
      case 'drift.found':
        view.drifts.push({ step: event.step, choice: undefined });
        return;
      case 'drift.answered':
        for (const drift of view.drifts) if (drift.step === event.step) drift.choice ??= event.choice;
        return;
      case 'undo.ended':
        if (event.fault === undefined) view.undone.push(event.step);
        return;
      case 'way.taken':
        for (const step of event.undo ?? []) view.left.add(step);
        return;
      case 'run.admitted': {
        if (event.continues !== undefined) viewOf(event.continues).continuedBy.add(view.run);
        const { parent } = event;
        if (parent === undefined || event.continues !== undefined) return;
        const { children } = viewOf(parent.run);
        const runs = children.get(parent.step) ?? new Set<string>();
        children.set(parent.step, runs.add(view.run));
        return;
      }
      default:
    }
  }

  function checkCancels(view: RunView, append: Append): void {
    if (append.record === undefined) return;
    for (const turn of decodeRecord(append.record)) {
      for (const event of turn.events) {
        if (event.type !== 'step.settled' || event.out !== 'cancelled') continue;
        for (const child of view.children.get(event.step) ?? []) {
          const told = append.send?.some((letter) => letter.to.startsWith(child) && letter.id.startsWith('cancel:'));
          if (told !== true)
            findings.add('cancel.reaches', view.run, `${event.step} is cancelled and ${child} is not told`);
        }
      }
    }
  }

  return {
    get views() {
      return views;
    },
    promised,
    get appended() {
      return appended;
    },
    committed(worker, appends, results, barrier) {
      appends.forEach((append, i) => {
        const result = results[i]!;
        if (!result.ok) {
          options.say(`   ${append.stream} ${worker} lost: ${result.why}`);
          return;
        }
        const view = viewOf(append.stream);
        if (append.create !== undefined) {
          view.epoch = append.epoch;
          view.owner = worker;
        }
        if (append.release === true || append.status === 'ended') view.owner = undefined;
        if (append.epoch !== view.epoch || (append.record !== undefined && append.record.epoch !== view.epoch))
          findings.add('journal.epoch', view.run, `${worker} appends with epoch ${append.epoch} of ${view.epoch}`);
        appended += append.record?.count ?? 0;
        if (append.record !== undefined) take(view, append.record, true);
        checkCancels(view, append);
        for (const id of append.take ?? []) view.letters.delete(id);
        for (const letter of append.send ?? []) viewOf(letter.to).letters.add(letter.id);
      });
      if (barrier) for (const view of views.values()) view.durable = view.state.head;
    },
    claimed(worker, streams) {
      for (const { stream, epoch, needs } of streams) {
        const view = viewOf(stream);
        if (!options.has(worker, needs)) findings.add('claim.able', stream, `${worker} takes it and has no ${needs}`);
        options.say(`   ${stream} claimed by ${worker}, epoch ${epoch}`);
        if (epoch <= view.epoch) findings.add('journal.epoch', stream, `a claim leaves the epoch at ${epoch}`);
        const { owner } = view;
        if (owner !== undefined && owner !== worker && !disk.mayBeRobbed(owner))
          findings.add('claim.live', stream, `${worker} takes it from ${owner}, who lives`);
        view.epoch = epoch;
        view.owner = worker;
      }
      for (const view of views.values()) view.durable = view.state.head;
    },
    acked(appends, results, barrier) {
      if (!barrier) return;
      appends.forEach(({ stream, record }, i) => {
        if (record === undefined || !results[i]!.ok) return;
        const seqs = promised.get(stream) ?? new Map<number, string>();
        promised.set(stream, seqs.set(record.seq, record.hash));
      });
    },
    backedUp: () => options.onBackedUp(),
    rolledBack(restored, streams) {
      options.say(restored ? '   restored' : '   the power was cut');
      if (restored) promised.clear();
      views = new Map();
      for (const stream of streams.values()) {
        const view = viewOf(stream.stream);
        for (const record of stream.records) take(view, record, false);
        view.epoch = stream.epoch;
        view.owner = stream.owner ?? undefined;
        view.durable = view.state.head;
        view.letters = new Set(stream.letters.keys());
      }
      options.onRolledBack(restored, streams);
    },
  };
}

/** What the step was worked with: once it is settled nobody keeps that. */
function noteResult(view: RunView, id: string, epoch: number): void {
  const step = view.state.steps.get(id);
  if (step?.spec.skill === undefined) return;
  view.results.push({ text: textOf(step.spec.skill, step.input), epoch });
}

/** What stood, settled and with nothing of it out, when the code came to its end; and what was said to be left over. */
function noteOrphans(view: RunView, turn: Turn): void {
  if (turn.in !== 'returned') return;
  const found = turn.events.flatMap((event) => (event.type === 'step.orphaned' ? [event.step] : []));
  const has = [...view.state.steps.values()]
    .filter((step) => step.settledSeq !== 0 && step.attempts === undefined && scopeOf(step.id) === '')
    .map(({ id }) => id);
  view.orphans = { has, found };
}

/** What checkBefore would have noted of an event that was checked already. */
function remember(view: RunView, event: Event, turn: Turn): void {
  countTakes(view, event);
  switch (event.type) {
    case 'attempt.begun':
      view.begun.set(`${event.step}|${event.n}`, 0);
      return;
    case 'attempt.ended':
      view.ended.add(`${event.step}|${event.n}`);
      return;
    case 'join.frozen':
      if (!isOfEdges(view, event, turn)) view.frozen.add(event.step);
      return;
    case 'signal.received':
    case 'gate.answered':
      view.heard.add(event.id);
      return;
    case 'child.ended':
      view.heard.add(`child:${event.run}`);
      return;
    default:
  }
}

function brief(event: Event): string {
  const { type, ...rest } = event as Event & Record<string, unknown>;
  const { step, n, out, agent, id, fault, branch, worker, epoch, outcome, turn, effect } = rest as Record<
    string,
    string | number | undefined
  >;
  const words = [step, n, out, agent, id, branch, worker, epoch, outcome, turn, effect].filter((w) => w !== undefined);
  const code = (fault as unknown as { code?: string } | undefined)?.code;
  return `${type} ${words.join(' ')}${code === undefined ? '' : ` (${code})`}`;
}
