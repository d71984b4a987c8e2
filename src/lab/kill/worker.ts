/**
 * A worker in a process of its own, to be killed. It loads its code and waits; told `go`, it opens a
 * site and works; told `start`, it starts that run and says when it is on the disk.
 */
import { errorText } from '../../base/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import { agentsFor, errand, workflows } from './flows.ts';
import { openPlace, type Place } from './place.ts';

export type ToWorker =
  | { say: 'go'; worker: string; place: Place; sinkUrl: string }
  | { say: 'start'; run: string; n: number };

export type FromWorker =
  | { say: 'warm' }
  | { say: 'joined' }
  | { say: 'started'; run: string }
  | { say: 'trouble'; run?: string; code: string; text: string };

if (process.argv[1] === import.meta.filename) main();

function main(): void {
  let site: Site | undefined;
  const tell = (word: FromWorker): void => void process.send?.(word);

  async function go({ worker, place, sinkUrl }: Extract<ToWorker, { say: 'go' }>): Promise<void> {
    site = await openSite({
      store: await openPlace(place),
      worker,
      workflows,
      agents: agentsFor(sinkUrl),
      // Waits leave memory soon, so that kills hit that path, too.
      evictAfterMs: 50,
      onTrouble: (run, fault) => {
        if (fault !== undefined) tell({ say: 'trouble', run, code: fault.code, text: fault.message });
      },
    });
    tell({ say: 'joined' });
  }

  process.on('message', (word: ToWorker) => {
    const done =
      word.say === 'go'
        ? go(word)
        : site?.start(errand, { n: word.n }, { id: word.run }).then(() => tell({ say: 'started', run: word.run }));
    done?.catch((thrown: unknown) => {
      tell({ say: 'trouble', code: (thrown as { code?: string }).code ?? 'thrown', text: errorText(thrown) });
    });
  });
  // Nobody is left to kill us.
  process.on('disconnect', () => process.exit());
  tell({ say: 'warm' });
}
