/** Checks when everything is quiet: journals, letters, ends, deeds, money, order of release. */
import {
  chainNext,
  chainStart,
  decodeRecord,
  parsePayloads,
  promisedPayloads,
  textToState,
  type EncodedRecord,
} from '../../model/index.ts';
import { canonicalJson, hashText } from '../../base/index.ts';
import { storyOf } from '../../site/faults/index.ts';
import { replayTurns } from '../../site/replay.ts';
import { checkDeeds } from './check-deeds.ts';
import type { DiskStream } from './disk.ts';
import type { Findings } from './finding.ts';
import type { Incarnation } from './nodes.ts';
import type { Observer } from './observer.ts';
import type { Job, People } from './people.ts';
import type { Truth } from './truth.ts';
import { firstDifference, foldRecords, rootOf, type RunView, wholeText } from './views.ts';

export interface FinalChecking {
  streams: ReadonlyMap<string, DiskStream>;
  findings: Findings;
  observer: Observer;
  truth: Truth;
  jobs: readonly Job[];
  lives: readonly Incarnation[];
  edited(run: string): boolean;
  acknowledged: readonly { run: string; id: string }[];
  told: People['told'];
}

export function checkFinal(c: FinalChecking): void {
  for (const stream of c.streams.values()) {
    checkChain(c, stream.stream, stream.records);
    checkPromised(c, stream.stream, stream.records);
    checkReplay(c, stream.stream, stream.records);
    checkTold(c, stream.stream, stream.records);
    if (stream.snapshot !== null) {
      const fresh = wholeText(foldRecords(stream.stream, stream.records, stream.snapshot.seq));
      const kept = wholeText(textToState(stream.snapshot.state));
      if (kept !== fresh)
        c.findings.add(
          'fold.snapshot',
          stream.stream,
          `the snapshot at ${stream.snapshot.seq} is not the fold: ${firstDifference(fresh, kept)}`,
        );
    }
  }
  for (const run of c.observer.promised.keys())
    if (!c.streams.has(run)) c.findings.add('journal.acked', run, 'an acknowledged run is gone');
  for (const view of c.observer.views.values()) {
    checkLetters(c, view);
    if (view.state.head === 0) continue;
    checkEnd(c, view);
    checkDeeds(c, view);
    if (view.continuedBy.size > 1)
      c.findings.add('run.continued', view.run, `carried on by ${[...view.continuedBy].join(', ')}`);
    for (const [step, all] of view.children) {
      const runs = [...all].filter((child) => !view.forsaken.has(child));
      if (runs.length > 1) c.findings.add('run.continued', view.run, `${step} has children ${runs.join(', ')}`);
    }
  }
  for (const { run, budget } of c.jobs) {
    const paid = c.truth.paid(rootOf(run));
    if (budget?.money !== undefined && paid > budget.money)
      c.findings.add('budget.spent', run, `${paid} were paid of ${budget.money}`);
  }
  for (const { run, id } of c.acknowledged) checkAcknowledged(c, run, id);
  for (const { run, outcome, output } of c.told) {
    const state = c.observer.views.get(run)?.state;
    if (state?.outcome !== outcome || canonicalJson(state.output) !== canonicalJson(output))
      c.findings.add('answer.true', run, `a client was told ${outcome}, the journal says ${state?.outcome}`);
  }
  checkReleases(c);
}

function checkChain(c: FinalChecking, run: string, records: readonly EncodedRecord[]): void {
  let hash = chainStart(run);
  let seq = 0;
  for (const record of records) {
    hash = chainNext(hash, record.header);
    if (hash !== record.hash || record.seq !== seq)
      return c.findings.add('journal.chain', run, `the chain breaks at event ${record.seq}`);
    const payloads = parsePayloads(record.payloads);
    const wrong = promisedPayloads(record).some(({ hash }, i) => {
      const payload = payloads[i];
      return payload == null || hashText(payload[0] + payload[1]) !== hash;
    });
    if (wrong)
      return c.findings.add(
        'journal.chain',
        run,
        `a payload after event ${record.seq} is not what its header promises`,
      );
    seq += record.count;
  }
}

function checkPromised(c: FinalChecking, run: string, records: readonly EncodedRecord[]): void {
  const hashes = new Map(records.map((record) => [record.seq, record.hash] as const));
  for (const [seq, hash] of c.observer.promised.get(run) ?? [])
    if (hashes.get(seq) !== hash)
      return c.findings.add('journal.acked', run, `the record at event ${seq} was acknowledged and is not there`);
}

function checkLetters(c: FinalChecking, view: RunView): void {
  const stream = c.streams.get(view.run);
  if (stream === undefined || stream.status === 'ended') return;
  for (const id of view.letters)
    if (!stream.letters.has(id)) c.findings.add('letters.kept', view.run, `letter ${id} is lost`);
}

function checkEnd(c: FinalChecking, view: RunView): void {
  const { state } = view;
  if (state.phase === 'ended') return;
  const stream = c.streams.get(view.run);
  const open = [...state.open].map((id) => `${id}:${state.steps.get(id)?.at ?? '?'}`);
  const letters = [...(stream?.letters.keys() ?? [])];
  c.findings.add(
    'run.ends',
    view.run,
    `is ${state.phase}, owner ${view.owner ?? 'none'}, open ${open.join(' ') || 'nothing'}, letters ${letters.join(' ') || 'none'}`,
  );
}

function checkReplay(c: FinalChecking, run: string, records: readonly EncodedRecord[]): void {
  const difference = replayTurns(run, records.flatMap(decodeRecord));
  if (difference === undefined) return;
  const { at, turn, expected, got, trouble } = difference;
  const what = trouble ?? `${got?.type ?? 'nothing'} instead of ${expected?.type ?? 'nothing'}`;
  c.findings.add('replay.equal', run, `at event ${at}, on '${turn.in}': ${what}`);
}

/** What failed is told with its end. */
function checkTold(c: FinalChecking, run: string, records: readonly EncodedRecord[]): void {
  const events = records.flatMap(decodeRecord).flatMap((turn) => turn.events);
  for (const { step, tries, end } of storyOf(events))
    if (end === 'silent')
      c.findings.add(
        'failure.told',
        run,
        `${step} failed (${tries.map((t) => t.fault.code).join(', ')}) and nothing says what became of it`,
      );
}

function checkAcknowledged(c: FinalChecking, run: string, id: string): void {
  const stream = c.streams.get(run);
  const heard =
    stream?.status === 'ended' ||
    stream?.records.some((record) =>
      decodeRecord(record).some((turn) => turn.events.some((event) => 'id' in event && event.id === id)),
    ) === true ||
    [...(stream?.letters.keys() ?? [])].some((letter) => letter.endsWith(id));
  if (!heard) c.findings.add('letters.kept', run, `the word ${id} was acknowledged and is lost`);
}

/** What reached the code in one life came in the order of settling. */
function checkReleases(c: FinalChecking): void {
  for (const { run, epoch, steps, born, asked } of c.lives) {
    const view = c.observer.views.get(run);
    if (view === undefined || !born()) continue;
    let last = 0;
    let before = '';
    let beforeAt = 0;
    for (const [at, { step, stopped }] of steps.entries()) {
      const settled = view.settled.get(step);
      // Code that is stopped is told at once, in no order: nothing it asks after that is heard.
      if (stopped || settled === undefined || settled.epoch > epoch || settled.seq > view.endingSeq) continue;
      // Edited code may ask for an earlier result when it has a later one already.
      const isLate = c.edited(run) && (asked.get(step) ?? 0) > beforeAt;
      if (settled.seq < last && !isLate)
        return c.findings.add('release.order', run, `${step} (${settled.seq}) came after ${before} (${last})`);
      last = settled.seq;
      before = step;
      beforeAt = at;
    }
  }
}
