/** In words: which way a step went by, why not by the others, and what was undone for it. */
import type { CutMember } from '../../model/index.ts';
import type { ExplainedWay } from '../../site/route/explain-ways.ts';
import { plain } from './paint.ts';

/** Other ways shown of each, and those who shut one; the JSON has all. */
const SHOWN = 5;

export function wayWords(one: ExplainedWay): string[] {
  const { way, name, why, cost, others, fault, undo } = one;
  const because = why === 'cheapest' ? 'the cheapest' : why === 'fork' ? 'as before the fork' : 'the cheapest left';
  const lines = [`  ${named(way, name)}: ${because}, cost ${figure(cost)}`];
  if (fault !== undefined) lines.push(`       after: ${plain(fault.message)}`);
  for (const { step, end } of undo) lines.push(`       ${UNDO[end ?? 'waits']}: ${plain(step)}`);
  for (const other of others.slice(0, SHOWN)) {
    const how = other.shut === undefined ? `cost ${figure(other.cost ?? 0)}` : `shut, ${shutBy(other.shut)}`;
    lines.push(`       not ${named(other.way, other.name)}: ${how}`);
  }
  if (others.length > SHOWN) lines.push(`       and ${others.length - SHOWN} more`);
  return lines;
}

const UNDO = { waits: 'to be undone first', undone: 'undone first', failed: 'could not be undone' };

function shutBy(shut: readonly CutMember[]): string {
  const first = shut.slice(0, SHOWN).map(({ agent, step, why }) => {
    const who = [agent, step].filter((one) => one !== undefined && one !== '').join(' at ');
    return plain(`${who}: ${why}`);
  });
  return [...first, ...(shut.length > SHOWN ? [`and ${shut.length - SHOWN} more`] : [])].join('; ');
}

function named(way: number, name: string): string {
  return way < 0 ? `its own '${plain(name)}'` : `way ${way + 1} (${plain(name)})`;
}

/** The tiny weight of an undo decides between equals; a person need not read it. */
function figure(cost: number): number {
  return Math.round(cost * 1e3) / 1e3;
}
