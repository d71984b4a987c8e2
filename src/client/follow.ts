/** Following journals: of a run until it ends, of all runs of a site until the reader has enough. */
import type { RunLine, SiteLine } from '../model/wire/index.ts';
import { resumed } from './resumed.ts';
import type { Wire } from './wire.ts';

export interface PieceView {
  step: string;
  n: number;
  agent: string;
  text: string;
}

export interface FollowOptions {
  /** Only events after this seq. */
  after?: number;
  signal?: AbortSignal;
  /** Told parts of answers while agents make them: a hint, not journaled, and not sent again. */
  onPiece?: (piece: PieceView) => void;
  /** How long the site may be away, without one event, before the reader gives up. Default: the client's patience. */
  patienceMs?: number;
}

export interface WatchOptions extends Pick<FollowOptions, 'signal' | 'patienceMs'> {
  /** Only events after the one with this id; `start` = all there are. Default: from now on. */
  after?: string;
  /** Only runs of this workflow. */
  workflow?: string;
}

export async function* follow(
  wire: Wire,
  run: string,
  { after, signal, onPiece, patienceMs }: FollowOptions = {},
): AsyncGenerator<RunLine, void, undefined> {
  const query = onPiece === undefined ? {} : { pieces: 'true' as const };
  let last = after;
  const events = resumed(wire, {
    name: 'runEvents',
    given: { params: { run }, query },
    last: after === undefined ? undefined : String(after),
    signal,
    patienceMs,
    what: `run ${run} was`,
  });
  for await (const { event, data } of events) {
    if (event === 'piece') onPiece?.(JSON.parse(data) as PieceView);
    if (event !== 'message') continue;
    const line = JSON.parse(data) as RunLine;
    if (last !== undefined && line.seq <= last) continue;
    last = line.seq;
    yield line;
  }
}

export async function* watchSite(
  wire: Wire,
  { after, workflow, signal, patienceMs }: WatchOptions = {},
): AsyncGenerator<SiteLine, void, undefined> {
  // The beginning is no id: it is said once, and then the ids that come.
  const query = { workflow, after };
  const what = 'its runs were';
  for await (const { event, data } of resumed(wire, { name: 'siteEvents', given: { query }, signal, patienceMs, what }))
    if (event === 'message') yield JSON.parse(data) as SiteLine;
}
