import { expect, test } from 'vitest';
import { createShelf, type Tool } from './shelf.ts';

const DEEDS = ['create', 'list', 'delete', 'update', 'search', 'export'];
const THINGS = ['invoice', 'customer', 'calendar event', 'pull request', 'database backup', 'flight', 'hotel room'];
const tools: Tool[] = DEEDS.flatMap((deed) =>
  THINGS.map((thing) => ({
    name: `${deed}_${thing.replace(' ', '_')}`,
    description: `${deed} one ${thing}`,
    input: { type: 'object', properties: { id: { type: 'string', description: `which ${thing}` } } },
  })),
);

test('of many tools the few that fit are shown, and what that spares is told', async () => {
  const shelf = createShelf();
  await shelf.put(tools);
  const { shown, tokens } = await shelf.pick('cancel and delete the flight to Rome', { limit: 4 });
  expect(shown).toHaveLength(4);
  expect(shown.map((tool) => tool.name)).toContain('delete_flight');
  expect(tokens.shown).toBeLessThan(tokens.all / 8);
});

test('some are always shown; what is removed or changed is shown as it is now', async () => {
  const shelf = createShelf();
  await shelf.put(tools);
  const { shown } = await shelf.pick('export a database backup', { limit: 3, always: ['list_invoice'] });
  expect(shown.map((tool) => tool.name)).toContain('list_invoice');
  expect(shown).toHaveLength(3);
  shelf.remove('export_database_backup');
  expect(shelf.size).toBe(tools.length - 1);
  const after = await shelf.pick('export a database backup');
  expect(after.shown.map((tool) => tool.name)).not.toContain('export_database_backup');
  const before = after.tokens.all;
  await shelf.put([{ name: 'list_invoice', description: 'x'.repeat(4_000) }]);
  expect((await shelf.pick('invoice')).tokens.all).toBeGreaterThan(before + 900);
});
