/** Where agents of others tell of our tasks at them. What they say is not read: it only wakes who waits (site/pushes.ts). */
import { Hono } from 'hono';
import { Fault } from '../../base/index.ts';
import type { Pushes } from '../../site/pushes.ts';
import { type GuardEnv, problemResponse } from '../guard/index.ts';

const TOKEN_HEADER = 'x-a2a-notification-token';

export function createPushEntry(pushes: Pushes, refused: (address: string) => void): Hono<GuardEnv> {
  const app = new Hono<GuardEnv>();
  app.post('/:subject', (c) => {
    try {
      if (pushes.hear(c.req.param('subject'), c.req.header(TOKEN_HEADER) ?? '')) return c.body(null, 204);
      refused(c.env?.incoming?.socket.remoteAddress ?? 'local');
      throw new Fault('token.refused', 'this token is not the one of that task');
    } catch (thrown) {
      return problemResponse(thrown);
    }
  });
  return app;
}
