/** All calls x who calls x by which name x from which page: who is let in, and what the others are told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from '../../src/doors/guard/index.ts';
import { createHttpDoor, type HttpDoor } from '../../src/doors/http/index.ts';
import { openDesk, textOf } from './desk.ts';
import { operations, wrongWith } from './document.ts';

const tokens = { good: createToken(), foreign: createToken(), ended: createToken(), unknown: createToken() };
const ann = { id: 'ann', rights: ['*'] };

/** How a caller says who it is: a header, an address; and what a guarded call makes of it. */
const callers: [string, { header?: string; query?: string; guarded: number; open: number }][] = [
  ['no token', { guarded: 401, open: 200 }],
  ['a good token', { header: `Bearer ${tokens.good}`, guarded: 200, open: 200 }],
  ['a wrong token', { header: `Bearer ${tokens.unknown}`, guarded: 401, open: 200 }],
  ['a token for another door', { header: `Bearer ${tokens.foreign}`, guarded: 401, open: 200 }],
  ['a token that has ended', { header: `Bearer ${tokens.ended}`, guarded: 401, open: 200 }],
  ['a good token as another scheme', { header: `Basic ${tokens.good}`, guarded: 401, open: 200 }],
  ['a good token in the address', { query: `token=${tokens.good}`, guarded: 400, open: 400 }],
  ['both', { header: `Bearer ${tokens.good}`, query: `x=${tokens.good}`, guarded: 400, open: 400 }],
];
const hosts: [string, boolean][] = [
  ['127.0.0.1:7717', true],
  ['localhost:7717', true],
  ['[::1]:7717', true],
  ['skein.example', true],
  ['evil.example:7717', false],
  ['127.0.0.1.evil.example', false],
  ['10.0.0.1:7717', false],
];
const origins: [string | undefined, boolean][] = [
  [undefined, true],
  ['same', true],
  ['https://ops.example', true],
  ['http://evil.example', false],
  ['null', false],
];

let door: HttpDoor;
let desk: Awaited<ReturnType<typeof openDesk>>;
beforeAll(async () => {
  desk = await openDesk();
  door = await createHttpDoor(desk.site, {
    tokens: [
      { token: tokens.good, principal: ann, audience: ['http'] },
      { token: tokens.foreign, principal: ann, audience: ['mcp'] },
      { token: tokens.ended, principal: ann, untilMs: 1 },
    ],
    hosts: ['skein.example'],
    origins: ['https://ops.example'],
    limits: { addressBurst: 1e6, principalBurst: 1e6, refusedBurst: 1e6 },
  });
});
afterAll(() => desk.site.stop());

test.each(callers)('%s', async (_who, caller) => {
  for (const operation of operations) {
    for (const [host, isOurs] of hosts) {
      for (const [origin, isAllowed] of origins) {
        const headers: Record<string, string> = { host };
        if (caller.header !== undefined) headers['authorization'] = caller.header;
        if (origin !== undefined) headers['origin'] = origin === 'same' ? `http://${host}` : origin;
        if (operation.method === 'POST') headers['content-type'] = 'application/json';
        const address = `http://${host}${operation.path.replace('{run}', 'r_none')}`;
        const response = await door.app.request(caller.query === undefined ? address : `${address}?${caller.query}`, {
          method: operation.method,
          headers,
          body: operation.method === 'POST' ? '{}' : undefined,
        });
        const body = await textOf(response);
        const got = { status: response.status, type: response.headers.get('content-type') ?? '', body };
        const where = `${operation.name} at ${host} from ${origin ?? 'no page'}`;
        expect([where, wrongWith(operation, got)]).toEqual([where, undefined]);
        expect(Object.values(tokens).some((token) => body.includes(token))).toBe(false);
        const wanted = operation.isOpen ? caller.open : caller.guarded;
        if (!isOurs) expect([where, got.status]).toEqual([where, 421]);
        else if (!isAllowed) expect([where, got.status]).toEqual([where, 403]);
        else if (wanted === 200)
          expect([where, [200, 400, 404]]).toEqual([where, expect.arrayContaining([got.status])]);
        else expect([where, got.status]).toEqual([where, wanted]);
      }
    }
  }
});
