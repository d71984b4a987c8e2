/** Shelves of tools: is the tool that a task needs among the few that a model is shown, and what does that spare? */
import { createSeededChance } from '../../src/base/index.ts';
import { createShelf, type Tool } from '../../src/site/route/index.ts';
import { measureTurns, type ShelvedTurns, type ToolTask } from './turns.ts';

export interface Shelves {
  tools: number;
  shown: number;
  /** Of the tasks, those whose tool was shown: said in forms of its own words; with the deed said in other words. */
  recall: number;
  recallOtherwise: number;
  tokensAll: number;
  tokensShown: number;
  /** The same at a site, in a model's turns. */
  turns: ShelvedTurns;
}

const DEEDS: [name: string, said: string, otherwise: string][] = [
  ['create', 'please make and create a new', 'set up one more'],
  ['list', 'show me a listing of every', 'which of these are there:'],
  ['delete', 'get rid of and deleting the', 'get rid of the'],
  ['update', 'updating the details of the', 'change the details of the'],
  ['search', 'I am searching for a', 'where is the'],
  ['export', 'an exported copy of the', 'give me a file of the'],
  ['approve', 'waiting to be approved: the', 'say yes to the'],
  ['cancel', 'cancelling the', 'call off the'],
  ['assign', 'assigning somebody to the', 'somebody must take the'],
  ['archive', 'put into archives the', 'put away the'],
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
  const tools = allTools();
  const shelf = createShelf();
  await shelf.put(tools);
  const found = { said: 0, otherwise: 0 };
  let tokensShown = 0;
  let tokensAll = 0;
  for (let i = 0; i < TASKS; i++) {
    const { text, tool } = taskOf(i, 'said');
    const { shown, tokens } = await shelf.pick(text, { limit: SHOWN });
    if (shown.some((one) => one.name === tool)) found.said++;
    const other = await shelf.pick(taskOf(i, 'otherwise').text, { limit: SHOWN });
    if (other.shown.some((one) => one.name === tool)) found.otherwise++;
    tokensShown += tokens.shown / TASKS;
    tokensAll = tokens.all;
  }
  const turns = await measureTurns(tools, (i) => taskOf(i, i % 2 === 0 ? 'said' : 'otherwise'));
  const [recall, recallOtherwise] = [found.said / TASKS, found.otherwise / TASKS];
  return { tools: tools.length, shown: SHOWN, recall, recallOtherwise, tokensAll, tokensShown, turns };
}

function taskOf(i: number, how: 'said' | 'otherwise'): ToolTask {
  const chance = createSeededChance(`shelves/${i}`);
  const [[deed, said, otherwise], thing, service] = [chance.pick(DEEDS), chance.pick(THINGS), chance.pick(SERVICES)];
  return {
    text: `In ${service}: ${how === 'said' ? said : otherwise} ${thing}s from last week`,
    tool: `${service}_${deed}_${thing}`,
  };
}

function allTools(): Tool[] {
  return DEEDS.flatMap(([deed]) =>
    THINGS.flatMap((thing) =>
      SERVICES.map((service): Tool => ({
        name: `${service}_${deed}_${thing}`,
        description: `${deed} one ${thing} in the ${service} service. Needs its id; returns what was done.`,
        input: { type: 'object', properties: { id: { type: 'string' }, note: { type: 'string' } }, required: ['id'] },
      })),
    ),
  );
}
