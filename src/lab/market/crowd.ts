/** Made-up descriptions of many agents, and tasks for them: for measuring an index, not for use. */
import { createSeededChance } from '../../base/index.ts';

const DEEDS =
  'summarise translate review classify extract compare forecast schedule negotiate draft verify audit clean merge rank search book cancel price convert transcribe annotate explain test deploy monitor debug refactor estimate optimise'.split(
    ' ',
  );
const THINGS =
  'invoices contracts flights hotels emails logs tickets patents recipes reports résumés lectures podcasts x-rays genomes stocks bonds loans claims maps photos videos tables charts surveys orders parcels meetings budgets policies'.split(
    ' ',
  );
const FIELDS =
  'banking insurance law medicine biology chemistry physics travel retail logistics energy farming sports music film education housing telecoms defence government tourism mining fashion gaming publishing'.split(
    ' ',
  );
const WAYS =
  'in German, in Japanese, for beginners, for experts, at night, within seconds, with sources, step by step, as a table, without jargon, under GDPR, on a phone, with charts, in bulk, by rules, by examples'.split(
    ', ',
  );

export interface Described {
  name: string;
  description: string;
}

export function describeCrowd(n: number, seed = 'crowd'): Described[] {
  const chance = createSeededChance(seed);
  return Array.from({ length: n }, (_, i) => {
    const [deed, other] = [chance.pick(DEEDS), chance.pick(DEEDS)];
    const [thing, second] = [chance.pick(THINGS), chance.pick(THINGS)];
    const [field, place] = [chance.pick(FIELDS), chance.pick(FIELDS)];
    const mark = `${deed.slice(0, 2)}${thing.slice(0, 3)}${chance.int(1_000_000).toString(36)}`;
    const description = `${deed} and ${other} ${thing} and ${second} in ${field}, ${chance.pick(WAYS)}; also ${place}. Model ${mark}`;
    return { name: `agent-${i}`, description };
  });
}

export function taskFor(seed: string): string {
  const chance = createSeededChance(`task/${seed}`);
  return `Please ${chance.pick(DEEDS)} my ${chance.pick(THINGS)} about ${chance.pick(FIELDS)} ${chance.pick(WAYS)}`;
}
