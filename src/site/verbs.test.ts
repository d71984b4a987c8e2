// A verb that is given something else than it takes does nothing, and says so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { Fault } from '../base/index.ts';
import { retainStream } from './audit/index.ts';
import { openSite, type Site } from './site.ts';

type Loose = Record<keyof Site, (...given: unknown[]) => Promise<unknown>>;

const asks = workflow('asks', (run) => run.gate('x', { right: 'boss' }));
const plain = workflow('plain', async (run, input) => run.code('same', () => input));
const noList = 'must be a principal: an object of id, a text, and rights, a list of texts';

const nextOf = (events: AsyncIterable<unknown>) => events[Symbol.asyncIterator]().next();

let own: Site;
beforeAll(async () => {
  own = await openSite({ workflows: [asks, plain] });
  await own.start(asks, undefined, { id: 'g' });
  await own.handle('g').untilAsked('x');
  await (await own.start(plain, 'kept', { id: 'p' })).result();
});
afterAll(() => own.stop());

test.each<[string, (site: Loose) => unknown, string]>([
  ['by, forgotten', (s) => s.approve('g', 'x', { id: 'eve', rights: [] }), `the answer to 'x' has no option 'rights'`],
  ['by, mistyped', (s) => s.approve('g', 'x', { bye: {} }), `has no option 'bye' (did you mean 'by'?)`],
  ['no word', (s) => s.deny('g', 'x', 'yes'), `the answer to 'x' takes an object of options, and was given "yes"`],
  ['rights, none', (s) => s.approve('g', 'x', { by: { id: 'bob' } }), noList],
  ['rights, a text', (s) => s.edit('g', 'x', 1, { by: { id: 'bob', rights: 'boss' } }), noList],
  ['rights, no texts', (s) => s.approve('g', 'x', { by: { id: 'bob', rights: [5] } }), noList],
  ['id, none', (s) => s.approve('g', 'x', { by: { rights: ['boss'] } }), noList],
  ['nobody', (s) => s.approve('g', 'x', { by: null }), noList],
  ['cancel', (s) => s.cancel('g', 'why', { id: 'bob' }), `who says 'cancel' is an object, and ${noList}`],
  ['cancel without a reason', (s) => s.cancel('g'), 'the reason of a cancel is undefined'],
  ['signal', (s) => s.signal('g', 'go', 1, { by: { id: 'bob' } }), noList],
  ['signal without a name', (s) => s.signal('g', undefined), 'the name of a signal is undefined'],
  ['start', (s) => s.start(asks, 1, { by: { id: 'bob' } }), noList],
  ['labels', (s) => s.start(asks, 1, { labels: [5, null] }), `'labels' is a list, and must be a list of texts`],
  [
    'drift',
    (s) => s.resolveDrift('g', 'x', 'banana'),
    `what becomes of 'x' is "banana", and must be one of keep, redo`,
  ],
  ['drift, by', (s) => s.resolveDrift('g', 'x', 'keep', { id: 'bob' }), noList],
  ['replan', (s) => s.replan('g', { name: 'asks' }), 'what a site is to run is no workflow'],
  ['replan, by', (s) => s.replan('g', asks, { id: 'bob' }), noList],
  ['erase what', (s) => s.erase('p', 'everything', { reason: 'r' }), `'everything'`.replaceAll("'", '"')],
  ['erase which', (s) => s.erase('p', ['x'], { reason: 'r' }), 'a list of the numbers of events'],
  ['erase without a reason', (s) => s.erase('p', 'payloads', {}), `the reason to erase of 'p' is undefined`],
  ['erase without a word', (s) => s.erase('p', 'payloads'), `the reason to erase of 'p' is undefined`],
  ['erase, by', (s) => s.erase('p', 'payloads', { reason: 'r', by: { id: 'bob' } }), noList],
  ['retain nothing said', (s) => s.retain({}), '`beforeMs` of the rule of retention is undefined'],
  ['retain nothing at all', (s) => s.retain(), '`beforeMs` of the rule of retention is undefined'],
  ['retain mistyped', (s) => s.retain({ before: 5 }), `has no option 'before' (did you mean 'beforeMs'?)`],
  ['retain by age', (s) => s.retain({ olderThanMs: 0 }), `has no option 'olderThanMs'`],
  ['retain no number', (s) => s.retain({ beforeMs: NaN }), `'beforeMs' is NaN`],
  ['retain a text', (s) => s.retain({ beforeMs: '2020-01-01' }), `'beforeMs' is "2020-01-01"`],
  ['retain of', (s) => s.retain({ beforeMs: 1, of: 'bananas' }), `'of' is "bananas", and must be one of ended, all`],
  ['runs', (s) => s.runs({ status: 'banana' }), `'status' is "banana", and must be one of open, ended`],
  ['runs, how many', (s) => s.runs({ limit: 'x' }), `'limit' is "x", and must be a number`],
  ['fork', (s) => s.fork('p', { beforestep: 'x' }), `(did you mean 'beforeStep'?)`],
  ['fork at', (s) => s.fork('p', { at: 1.5 }), `'at' is 1.5, and must be a whole number`],
  ['fork, whom', (s) => s.fork('p', { agents: { echo: 5 } }), `an object of names of agents, by skill`],
  ['fork, by', (s) => s.fork('p', { by: { id: 'bob' } }), noList],
  ['watch', () => nextOf(own.watch('p', { form: 1 } as never)), `has no option 'form'`],
  ['until asked', () => own.handle('g').untilAsked('x', { timeoutMs: 'x' as never }), `'timeoutMs' is "x"`],
  ['stop', (s) => s.stop({ graceMs: 'x' }), `'graceMs' is "x"`],
])('%s', async (_name, work, message) => {
  const { head } = (await own.store.info('g'))!;
  const thrown = await Promise.resolve(work(own as never)).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Fault);
  expect(thrown).toMatchObject({ code: 'input.invalid', message: expect.stringContaining(message) });
  expect((await own.store.info('g'))!.head).toBe(head);
  expect(await own.store.letters('g')).toEqual([]);
  expect((await own.state('p')).output).toBe('kept');
});

test('what is no time is later than no payload', async () => {
  const info = (await own.store.info('p'))!;
  expect(await retainStream(own.store, info, NaN, async () => {})).toEqual({ payloads: 0, left: true });
});

test.each([
  [{ payloadsMs: '5' }],
  [{ payloadsMs: 0 }],
  [{}],
  [{ payloadsMs: 5, ofs: 'all' }],
  [{ payloadsMs: 5, everyMs: -1 }],
])('a site is not opened with the retention %j', async (retention) => {
  await expect(openSite({ retention: retention as never })).rejects.toMatchObject({ code: 'input.invalid' });
});
