/** Showing a run as it goes: drawn anew on a terminal, line by line elsewhere, one event a line with --json. */
import type { Watched } from '../../../site/watch.ts';
import type { Door } from '../door.ts';
import { drawRun } from './draw.ts';
import { lineOf } from './lines.ts';
import { createScreen } from './screen.ts';
import { look, newRunView, type RunView } from './view.ts';

/** Often enough for a turning sign, seldom enough for a slow line. */
const FRAME_MS = 100;
/** Where a picture has no room, lines are better. */
const LEAST_ROWS = 12;
const LEAST_COLUMNS = 40;

export interface ShowOptions {
  /** Every event as it is, one JSON a line. */
  events?: boolean;
  /** Shows nothing: only looks. */
  quiet?: boolean;
  /** Line by line, even where it could be drawn. */
  lines?: boolean;
  /** Said under the picture while it goes on. */
  hint?: string;
  /** What happened around the run, under the picture; may grow. Line by line it is the caller who says it. */
  captions?: readonly string[];
}

/** Until the events end, or whoever reads them stops; gives back what was seen. */
export async function showRun(
  door: Door,
  run: string,
  events: AsyncIterable<Watched>,
  { events: raw = false, quiet = false, lines = false, hint, captions = [] }: ShowOptions = {},
): Promise<RunView> {
  const { terminal, paint } = door;
  const view = newRunView(run);
  const isSmall = terminal.rows() < LEAST_ROWS || terminal.columns() < LEAST_COLUMNS;
  if (raw || quiet || lines || !terminal.draws || isSmall) {
    for await (const watched of events) {
      look(view, watched);
      if (quiet) continue;
      const line = raw ? JSON.stringify(watched) : lineOf(view, watched, terminal.columns(), paint);
      if (line !== undefined) door.line(line);
    }
    return view;
  }
  const screen = createScreen(terminal);
  let turn = 0;
  const draw = (): void => {
    if (view.seq < 0) return;
    const below = [...captions];
    if (hint !== undefined && view.outcome === undefined) below.push(paint('dim', ` ${hint}`));
    const rows = terminal.rows() - 1 - below.length;
    const lines = drawRun(view, { columns: terminal.columns(), rows, paint, nowMs: Date.now(), turn: turn++ });
    screen.draw([...lines, ...below]);
  };
  const frames = setInterval(draw, FRAME_MS);
  try {
    for await (const watched of events) look(view, watched);
    return view;
  } finally {
    clearInterval(frames);
    draw();
    screen.leave();
  }
}
