/** Doors that are reached from elsewhere, and doors on the door. */
import { request } from 'node:https';
import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { workflow } from '../../src/author/index.ts';
import { createToken, type GuardEnv } from '../../src/doors/guard/index.ts';
import { createHttpDoor } from '../../src/doors/http/index.ts';
import { makeCertificate } from './certificate.ts';
import { openDesk } from './desk.ts';

test('with a certificate it listens wider, by TLS, and in the clear to nobody', async () => {
  const desk = await openDesk();
  const tls = makeCertificate();
  const wide = { tokens: desk.given, host: '0.0.0.0' };
  await expect(createHttpDoor(desk.site, wide)).rejects.toThrow('tokens would travel in the clear');
  const door = await createHttpDoor(desk.site, { ...wide, tls });
  const { url, port, close } = await door.listen();
  expect(url).toBe(`https://0.0.0.0:${port}`);
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${desk.tokens['ann']}` };
    const call = request(`https://localhost:${port}/v1/site`, { ca: tls.cert, headers, family: 4 }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    });
    call.on('error', reject);
    call.end();
  });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { principal: { id: 'ann' } }]);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  await close();
  await desk.site.stop();
});

test('a door on the door has its own audience, its own open places, its own words, and the same limits', async () => {
  const desk = await openDesk();
  const tokens = { http: createToken(), other: createToken() };
  const ann = { id: 'ann', rights: ['*'] };
  const app = new Hono<GuardEnv>();
  app.get('/card', (c) => c.text('open'));
  app.all('*', async (c) => c.text(`${c.get('principal').id} ${await c.req.text()}`));
  const door = await createHttpDoor(desk.site, {
    tokens: [
      { token: tokens.http, principal: ann, audience: ['http'] },
      { token: tokens.other, principal: ann, audience: ['https://skein.example/deep/other'] },
    ],
    publicUrl: 'https://skein.example/deep/',
    limits: { bodyBytes: 10 },
    mounts: [
      {
        path: '/other',
        audience: 'other',
        app,
        isOpen: ({ path }) => path === '/other/card',
        challenge: () => ({ resource_metadata: 'https://skein.example/meta' }),
        refuse: (fault) => Response.json({ other: fault.code }, { status: 418 }),
      },
    ],
  });
  const call = (path: string, token?: string, body?: string) =>
    door.app.request(`http://localhost${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body,
    });
  expect(await (await call('/other/x', tokens.other, 'hello')).text()).toBe('ann hello');
  expect(await (await call('/other/card')).text()).toBe('open');
  const refused = await call('/other/x', tokens.http);
  expect([refused.status, await refused.json()]).toEqual([418, { other: 'token.refused' }]);
  expect(refused.headers.get('www-authenticate')).toContain('resource_metadata="https://skein.example/meta"');
  expect((await call('/otherwise', tokens.other)).status).toBe(401);
  expect((await call('/v1/site', tokens.other)).status).toBe(401);
  expect((await call('/v1/site', tokens.http)).status).toBe(200);
  expect(await (await call('/other/x', tokens.other, 'x'.repeat(11))).json()).toEqual({ other: 'input.too-large' });
  expect((await door.app.request('http://evil.example/other/card')).status).toBe(418);
  await desk.site.stop();
});

test('a run in which a step has drifted says that this waits for a person', async () => {
  const desk = await openDesk({ drifts: true });
  const run = await desk.drifting();
  const { body } = await desk.call('ann', 'GET', `/v1/runs/${run}`);
  expect((body as { waitsFor: string[] }).waitsFor).toContain('hello');
  await desk.site.stop();
});

test('a word to a run that went on as a new one reaches that one', async () => {
  const desk = await openDesk();
  const relay = workflow<number, string>('relay', async (run, turn) =>
    turn === 0 ? run.continueAsNew(1) : `${(await run.gate('ok')).by}, ${await run.signal<string>('go')}`,
  );
  const { run } = await desk.site.start(relay, 0);
  await desk.site.handle(`${run}~2`).untilAsked('ok');
  const say = (path: string, body: object) => desk.call('ann', 'POST', `/v1/runs/${run}/${path}`, body);
  expect((await say('gates', { step: 'ok', choice: 'approve' })).status).toBe(202);
  expect((await say('signals', { signal: 'go', data: 'on' })).status).toBe(202);
  expect(await desk.site.handle(run).output()).toBe('ann, on');
  await vi.waitFor(async () => expect((await desk.site.store.info(`${run}~2`))?.status).toBe('ended'));
  expect((await say('signals', { signal: 'go' })).status).toBe(409);
  await desk.site.stop();
});
