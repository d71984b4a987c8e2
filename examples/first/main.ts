/**
 * `npm start`: a site comes up, a swarm works, an agent is down, a worker is killed with -9 in the middle of
 * an effect, and the run ends as if nothing had happened. Everything that it says is checked; `--once` ends
 * then, with 0 only if all of it was so. Without it the site stays up to be tried.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, openConfigured } from '../../src/site/config/index.ts';
import { createDoor } from '../../src/doors/cli/door.ts';
import { openDoors } from '../../src/doors/cli/opening.ts';
import { untilStopped } from '../../src/doors/cli/stopping.ts';
import { processTerminal } from '../../src/doors/cli/terminal.ts';
import { playStory } from './story.ts';
import { postAgent, thinkers } from './swarm.ts';
import { HOME } from './skein.config.ts';

const once = process.argv.includes('--once');
// What it tells is laid out for 80 columns, also where nobody looks at a terminal.
const terminal = processTerminal();
const door = createDoor({ ...terminal, columns: () => Math.min(terminal.columns(), terminal.draws ? Infinity : 80) });
const { paint } = door;
using stopping = untilStopped(door.terminal);

// To be shown once, it needs a site that has seen nothing yet.
const home = once ? mkdtempSync(join(tmpdir(), 'skein-first-')) : HOME;
const store = once ? join(home, 'site.db') : undefined;
const ledger = join(home, 'published.tsv');
const loaded = await loadConfig({ file: join(import.meta.dirname, 'skein.config.ts'), store });
const agents = [...thinkers, postAgent(ledger)];
const settings = { ...loaded, config: { ...loaded.config, agents } };
mkdirSync(home, { recursive: true });
const site = await openConfigured(settings);
const doors = await listen();

door.line(`${paint('bold', 'Skein')}: swarms of agents whose every run is a journal.`);
door.line(paint('dim', `The site is up at ${doors.url}.`));
door.line(paint('dim', `Its store: ${near(settings.store)}`));
door.line();

const proofs = await playStory({ door, site, store: settings.store, ledger, signal: stopping.signal });
const broken = proofs.filter(({ holds }) => !holds);
if (stopping.asked) {
  door.line(`Stopped.${once ? '' : ' What was begun is kept, and goes on at the next npm start.'}`);
} else {
  door.line();
  door.line(paint('bold', 'What happened'));
  for (const { says, holds } of proofs)
    door.line(` ${holds ? paint('green', '✓') : paint('red', '✗ not so:')} ${says}`);
  if (!once && broken.length === 0) await serve();
}
await doors.close();
await site.stop();
if (once && broken.length === 0) rmSync(home, { recursive: true, force: true });
process.exitCode = broken.length > 0 ? 1 : stopping.asked && once ? 130 : 0;

async function serve(): Promise<void> {
  const skein = 'npm run -s skein --';
  const here = '--config examples/first/skein.config.ts';
  const run = (await site.runs({ limit: 1 })).runs[0]!.run;
  door.line();
  door.line(`${paint('bold', 'Now you')}, in another terminal:`);
  for (const [line, what] of [
    [`${skein} ps`, 'the runs of this site'],
    [`${skein} show ${run}`, 'what each step came to'],
    [`${skein} journal ${run} --step publish`, 'what happened around the kill'],
    [`${skein} replay ${run}`, 'decide all of it again, offline'],
    [`${skein} tail`, 'every run of this site, as it goes'],
    [`${skein} run report ${here}`, 'another one'],
  ] as const) {
    door.line(`  ${line}`);
    door.line(paint('dim', `      ${what}`));
  }
  door.line(paint('dim', `HTTP: ${doors.url}, its token is in ${near(doors.tokenFile)}. Ctrl-C stops.`));
  await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));
  door.line();
}

/** The usual port, or any that is free where that is taken. */
async function listen() {
  const trouble = (): void => {};
  const atAny = {
    ...settings,
    config: { ...settings.config, http: { ...settings.config.http, host: '127.0.0.1', port: 0 } },
  };
  const opened = once
    ? await openDoors(site, atAny, trouble)
    : await openDoors(site, settings, trouble).catch(() => openDoors(site, atAny, trouble));
  return opened!;
}

function near(path: string): string {
  return path.startsWith(`${process.cwd()}/`) ? path.slice(process.cwd().length + 1) : path;
}
