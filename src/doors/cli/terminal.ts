/** What the command line needs of the terminal it runs in; tests hand in their own. */
import { existsSync, readFileSync } from 'node:fs';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Standard output is a terminal whose lines can be drawn anew. */
  readonly draws: boolean;
  readonly colour: boolean;
  /** How wide a line may be; without end where a program reads it. */
  columns(): number;
  rows(): number;
  /** All of standard input. */
  input(): string;
  /** Calls back at every Ctrl-C (and SIGTERM, SIGHUP) until the returned function is called. */
  onStop(call: (signal: NodeJS.Signals) => void): () => void;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A terminal that says nothing of itself, and texts that are folded, not cut. */
export const COLUMNS = 80;
const ROWS = 24;
const ENV_FILE = '.env';
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processTerminal(): Terminal {
  // Keys and addresses of this folder's project; what is set already goes over it.
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
  const { stdout, stderr, env } = process;
  // Whoever reads us may stop reading (`skein ps | head`): that is no failure.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    draws: stdout.isTTY && env['TERM'] !== 'dumb',
    colour: hasColour(env, stdout.isTTY),
    columns: () => (stdout.isTTY ? stdout.columns || COLUMNS : Infinity),
    rows: () => stdout.rows || ROWS,
    input: () => readFileSync(0, 'utf8'),
    onStop(call) {
      for (const signal of STOPS) process.on(signal, call);
      return () => {
        for (const signal of STOPS) process.off(signal, call);
      };
    },
    folder: process.cwd(),
    environment: env,
  };
}

/** NO_COLOR and FORCE_COLOR as everybody reads them: set and not empty. */
export function hasColour(env: Terminal['environment'], isTty: boolean): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTty && env['TERM'] !== 'dumb';
}
