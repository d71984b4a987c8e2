/**
 * The crew: worker processes of which some are at work and some stand by warm, so that a killed one is
 * replaced at once and the next kill finds work again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Place } from './place.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export interface Hand {
  worker: string;
  process: ChildProcess;
  state: 'warming' | 'warm' | 'joining' | 'working' | 'paused' | 'dead';
}

export interface CrewOptions {
  place: Place;
  sinkUrl: string;
  onWord(hand: Hand, word: FromWorker): void;
}

export interface Crew {
  /** Those at work, or about to be; paused ones are not. */
  atWork(): Hand[];
  /** So many at work, and so many warm behind them. */
  fill(count: number, warm: number): void;
  tell(hand: Hand, word: ToWorker): void;
  /** kill -9; returns when it was sent. */
  kill(hand: Hand): number;
  pause(hand: Hand): void;
  resume(hand: Hand): void;
  /** All who are alive, in whatever state. */
  alive(): Hand[];
  /** kill -9 to all; resolves when all are gone. */
  close(): Promise<void>;
}

const ENTRY = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'worker.ts' : 'worker.js');

export function createCrew({ place, sinkUrl, onWord }: CrewOptions): Crew {
  const hands = new Set<Hand>();
  let count = 0;
  let wanted = 0;

  function hire(): void {
    const child = spawn(process.execPath, [ENTRY], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'skein-kill-compiled') },
    });
    const hand: Hand = { worker: `w${++count}`, process: child, state: 'warming' };
    hands.add(hand);
    child.on('message', (word: FromWorker) => {
      if (word.say === 'warm') {
        hand.state = 'warm';
        send();
      } else if (word.say === 'joined' && hand.state === 'joining') hand.state = 'working';
      onWord(hand, word);
    });
    child.on('error', () => {});
    child.once('exit', () => {
      const expected = hand.state === 'dead';
      hand.state = 'dead';
      hands.delete(hand);
      if (!expected) onWord(hand, { say: 'trouble', code: 'died', text: `worker ${hand.worker} died by itself` });
    });
  }

  const inState = (...states: Hand['state'][]): Hand[] => [...hands].filter((hand) => states.includes(hand.state));
  const atWork = (): Hand[] => inState('joining', 'working');

  /** Warm ones go to work while too few do. */
  function send(): void {
    for (const hand of inState('warm').slice(0, Math.max(0, wanted - atWork().length))) {
      hand.state = 'joining';
      hand.process.send({ say: 'go', worker: hand.worker, place, sinkUrl } satisfies ToWorker);
    }
  }

  return {
    atWork,
    fill(want, warm) {
      wanted = want;
      send();
      const missing = want + warm - atWork().length - inState('warming', 'warm').length;
      for (let i = 0; i < missing; i++) hire();
    },
    tell(hand, word) {
      if (hand.process.connected) hand.process.send(word, () => {});
    },
    kill(hand) {
      hand.state = 'dead';
      hand.process.kill('SIGKILL');
      return Date.now();
    },
    pause(hand) {
      hand.state = 'paused';
      hand.process.kill('SIGSTOP');
    },
    resume(hand) {
      if (hand.state !== 'paused') return;
      hand.process.kill('SIGCONT');
      hand.state = 'working';
    },
    alive: () => [...hands],
    async close() {
      await Promise.all(
        [...hands].map(
          (hand) =>
            new Promise<void>((gone) => {
              if (hand.process.exitCode !== null || hand.process.signalCode !== null) return gone();
              hand.state = 'dead';
              hand.process.once('exit', () => gone());
              hand.process.kill('SIGKILL');
            }),
        ),
      );
    },
  };
}
