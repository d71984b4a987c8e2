/** Shelves of tools: is the tool that a task needs among the few that a model is shown, and what does that spare? */
import { createSeededChance } from '../../src/base/index.ts';
import { createShelf, type Tool } from '../../src/site/route/index.ts';

export interface Shelves {
  tools: number;
  shown: number;
  /** Of the tasks, those whose tool was shown: in the words of its description, and in other forms of them. */
  recall: number;
  tokensAll: number;
  tokensShown: number;
}

const DEEDS: [name: string, said: string][] = [
  ['create', 'please make and create a new'],
  ['list', 'show me a listing of every'],
  ['delete', 'get rid of and deleting the'],
  ['update', 'updating the details of the'],
  ['search', 'I am searching for a'],
  ['export', 'an exported copy of the'],
  ['approve', 'waiting to be approved: the'],
  ['cancel', 'cancelling the'],
  ['assign', 'assigning somebody to the'],
  ['archive', 'put into archives the'],
];
const THINGS =
  'invoice customer meeting ticket deployment flight booking candidate contract shipment payment subscription dashboard incident branch dataset certificate campaign timesheet warehouse'.split(
    ' ',
  );
const SERVICES =
  'acme borealis cobalt dynamo ember fathom granite halcyon indigo juniper krypton lumen meridian nimbus orchid'.split(
    ' ',
  );
const SHOWN = 8;
const TASKS = 300;

export async function measureShelves(): Promise<Shelves> {
  const tools = DEEDS.flatMap(([deed]) =>
    THINGS.flatMap((thing) =>
      SERVICES.map((service): Tool => ({
        name: `${service}_${deed}_${thing}`,
        description: `${deed} one ${thing} in the ${service} service. Needs its id; returns what was done.`,
        input: { type: 'object', properties: { id: { type: 'string' }, note: { type: 'string' } }, required: ['id'] },
      })),
    ),
  );
  const shelf = createShelf();
  await shelf.put(tools);
  const chance = createSeededChance('shelves');
  let found = 0;
  let tokensShown = 0;
  let tokensAll = 0;
  for (let i = 0; i < TASKS; i++) {
    const [[deed, said], thing, service] = [chance.pick(DEEDS), chance.pick(THINGS), chance.pick(SERVICES)];
    const { shown, tokens } = await shelf.pick(`In ${service}: ${said} ${thing}s from last week`, { limit: SHOWN });
    if (shown.some((tool) => tool.name === `${service}_${deed}_${thing}`)) found++;
    tokensShown += tokens.shown / TASKS;
    tokensAll = tokens.all;
  }
  return { tools: tools.length, shown: SHOWN, recall: found / TASKS, tokensAll, tokensShown };
}
