/** Journals as resources: `skein://runs/{run}/journal`, one JSON event a line; `skein://runs/{run}` is the run as it is now. */
import type { McpServer } from '@modelcontextprotocol/server';
import { Fault } from '../../base/index.ts';
import { isReadable, readableState } from './access.ts';
import type { Surface } from './tool.ts';
import { view } from './tools/wait.ts';
import { journalUri } from './view.ts';

/** The newest runs are listed; any run that is readable can be read by its id. */
const LISTED = 50;
/** A journal is read whole up to here; the last line then says what is left. */
export const MAX_JOURNAL_CHARS = 2_000_000;

export function addJournals(server: McpServer, surface: Surface): void {
  const { site, by, library } = surface;
  server.registerResource(
    'run',
    new library.ResourceTemplate('skein://runs/{run}', { list: undefined }),
    { title: 'A run as it is now', mimeType: 'application/json' },
    async (uri, { run }) => {
      const id = await readable(uri, run);
      const text = JSON.stringify(await view(id, surface));
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
    },
  );
  server.registerResource(
    'journal',
    new library.ResourceTemplate('skein://runs/{run}/journal', {
      async list() {
        const { runs } = await site.runs({ limit: LISTED });
        const own = runs.filter((row) => isReadable(by, row));
        return {
          resources: own.map((row) => ({
            uri: journalUri(row.run),
            name: row.run,
            title: row.goal ?? `${row.workflow} ${row.run}`,
            description: `${row.workflow}, ${row.outcome ?? row.status}, ${row.events} events`,
            mimeType: 'application/jsonl',
          })),
        };
      },
    }),
    {
      title: 'The journal of a run',
      description: 'Every event, one JSON object a line.',
      mimeType: 'application/jsonl',
    },
    async (uri, { run }) => {
      const id = await readable(uri, run);
      return { contents: [{ uri: uri.href, mimeType: 'application/jsonl', text: await journalOf(id) }] };
    },
  );

  async function readable(uri: URL, given: string | string[] | undefined): Promise<string> {
    const run = decodeURIComponent(String(given));
    try {
      await readableState(site, by, run);
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'not-found') throw new library.ResourceNotFoundError(uri.href);
      throw thrown;
    }
    return run;
  }

  async function journalOf(run: string): Promise<string> {
    let text = '';
    for await (const { seq, at, event } of site.watch(run, { live: false })) {
      const line = `${JSON.stringify({ seq, at, ...event })}\n`;
      if (text.length + line.length > MAX_JOURNAL_CHARS) {
        return `${text}${JSON.stringify({ left: `events from ${seq} on: watch_run gives them` })}\n`;
      }
      text += line;
    }
    return text;
  }
}
