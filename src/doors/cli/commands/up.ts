/** `skein up` */
import { flushCompileCache } from 'node:module';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { needsOf } from '../../../author/index.ts';
import { errorText } from '../../../base/index.ts';
import { injectorOf, loadParts, openConfigured } from '../../../site/config/index.ts';
import type { Site } from '../../../site/face.ts';
import { type Injector, reportOf } from '../../../site/faults/index.ts';
import { createPushes } from '../../../site/pushes.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { counted, fit, plain } from '../paint.ts';
import type { OpenDoors } from '../opening.ts';
import { untilStopped } from '../stopping.ts';
import { troubles } from '../troubles.ts';

export function registerUp(program: Command, door: Door): void {
  addCommand(program, {
    name: 'up',
    does: 'run the site of the configuration until it is told to stop; Ctrl-C and SIGTERM drain it',
    examples: [['up', 'with the skein.config.* of this folder']],
    exits: { [EXITS.done]: 'it was told to stop, and has drained' },
  }).action((given: SiteWords) => up(door, given));
}

async function up(door: Door, given: SiteWords): Promise<void> {
  const settings = await door.settings(given);
  using stopping = untilStopped(door.terminal);
  const onTrouble = troubles(door);
  const injector = injectorOf(settings);
  const pushes = createPushes();
  const site = await openConfigured(settings, { onTrouble, pushes, injector });
  let doors: OpenDoors | undefined;
  try {
    // The network's libraries are loaded by whoever opens a door.
    const { openDoors } = await import('../opening.ts');
    doors = await openDoors(site, settings, (fault) => onTrouble(undefined, fault), pushes, injector?.door);
    const { workflows } = await loadParts(settings.config, settings.folder);
    const facts: Facts = {
      store: settings.store,
      config: settings.file,
      http: doors?.url,
      tokens: doors?.tokenFile,
      workflows: workflows.map(needsOf),
      agents: site.agents.list().map(({ name }) => name),
    };
    door.tell({ up: facts }, () => words(door, facts));
    // Now, not at the end: there may be none but kill -9.
    flushCompileCache();
    await new Promise<void>((resolve) => {
      if (stopping.asked) resolve();
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const held = site.worker.hosts.size;
    if (held > 0)
      door.note(`draining: ${counted(held, 'run')} given up, to go on at the next start (Ctrl-C again: at once)`);
  } finally {
    await doors?.close();
    if (injector !== undefined) await tellFaults(door, site, injector);
    await site.stop({ graceMs: settings.config.worker.graceMs });
  }
  door.note('stopped');
}

/** A rehearsal ends with what was put in, and what became of it. */
async function tellFaults(door: Door, site: Site, { injected }: Injector): Promise<void> {
  try {
    // A store that is in trouble on purpose may be so now.
    for (const [name, { injected: all, ...ends }] of await reportOf(site.store, injected)) {
      const became = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
      door.note(`faults put in: ${name} ${all}${became.length === 0 ? '' : ` (${became.join(', ')})`}`);
    }
  } catch (thrown) {
    door.note(`faults put in: ${injected.length}; what became of them cannot be read: ${errorText(thrown)}`);
  }
}

interface Facts {
  store: string;
  config: string | undefined;
  http: string | undefined;
  tokens: string | undefined;
  workflows: string[];
  agents: string[];
}

function words({ paint, terminal }: Door, facts: Facts): string[] {
  const row = (name: string, value: string): string =>
    ` ${paint('dim', name.padEnd(10))}${fit(plain(value), terminal.columns() - 11)}`;
  const path = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [row(name, near(value, terminal.folder))];
  return [
    `${paint('green', '●')} ${paint('bold', 'the site is up')}`,
    ...path('store', facts.store),
    ...(facts.config === undefined
      ? [row('config', 'none here: no workflows, no agents')]
      : path('config', facts.config)),
    row('workflows', facts.workflows.join(', ') || 'none'),
    row('agents', facts.agents.join(', ') || 'none'),
    ...(facts.http === undefined ? [] : [row('http', facts.http)]),
    ...path('tokens', facts.tokens),
    '',
    paint('dim', ' start a run: skein run WORKFLOW · list runs: skein ps · Ctrl-C drains and stops'),
  ];
}

function near(path: string, folder: string): string {
  const way = path.startsWith('/') ? relative(folder, path) : path;
  return way.length < path.length ? way : path;
}
