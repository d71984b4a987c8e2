/** What every command has at hand: the terminal, its output in words or JSON, the configuration, the store. */
import { Fault } from '../../base/index.ts';
import { loadConfig, openExistingStore, type Settings } from '../../site/config/index.ts';
import type { Site } from '../../site/face.ts';
import { openSite } from '../../site/site.ts';
import { createPaint, type Paint } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { workerName } from './workers.ts';

/** Options that every command which touches a site has. */
export interface SiteWords {
  store?: string;
  config?: string;
  json?: boolean;
}

export interface Door {
  readonly terminal: Terminal;
  readonly paint: Paint;
  /** The command was given --json. */
  json: boolean;
  exitCode: number;
  /** The command that was called, with its path: `skein agents add`. */
  command?: string;
  line(text?: string): void;
  /** A word beside the output: to standard error. */
  note(text: string): void;
  /** The value with --json, else the words. */
  tell(value: unknown, words: () => string | readonly string[]): void;
  settings(words: SiteWords): Promise<Settings>;
  /** The store alone, read as it is, whether the site is up or down. */
  withStore<T>(words: SiteWords, use: (store: Site['store'], settings: Settings) => Promise<T>): Promise<T>;
  /** A site that asks and carries nothing on: what it says is heard by the workers, now or later. */
  withAsker<T>(words: SiteWords, use: (site: Site, settings: Settings) => Promise<T>): Promise<T>;
}

export function createDoor(terminal: Terminal): Door {
  const door: Door = {
    terminal,
    paint: createPaint(terminal.colour),
    json: false,
    exitCode: 0,
    note: (text) => terminal.err(`${text}\n`),
    line: (text = '') => terminal.out(`${text}\n`),
    tell(value, words) {
      if (door.json) return door.line(JSON.stringify(value));
      const said = words();
      for (const line of typeof said === 'string' ? [said] : said) door.line(line);
    },
    settings: ({ store, config }) =>
      loadConfig({ folder: terminal.folder, file: config, store, environment: terminal.environment }),
    async withStore(words, use) {
      const settings = await door.settings(words);
      const store = await openHere(settings);
      try {
        return await use(store, settings);
      } finally {
        await store.close();
      }
    },
    async withAsker(words, use) {
      return door.withStore(words, async (store, settings) => {
        const site = await openSite({ store, works: false, keepFacts: false, worker: workerName('door') });
        try {
          return await use(site, settings);
        } finally {
          await site.stop({ graceMs: 0 });
        }
      });
    },
  };
  return door;
}

async function openHere(settings: Settings): Promise<Site['store']> {
  try {
    return await openExistingStore(settings);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'not-found') throw thrown;
    const next = 'Start a run with `skein run`, or name another store with --store or --config.';
    throw new Fault('not-found', thrown.message, { detail: { ...thrown.detail, next } });
  }
}
