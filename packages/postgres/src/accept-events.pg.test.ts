import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createIdFactory } from '@hooklane/engine';
import { OverloadedError } from '@hooklane/runtime';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEventStore } from './accept-events.ts';

const ids = createIdFactory();
const sockets: Socket[] = [];
/** Takes connections and never says a word: a Postgres that hangs. */
const silent = createServer((socket) => sockets.push(socket));
let pool: Pool;

beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  pool = new Pool({ port: (silent.address() as AddressInfo).port, host: '127.0.0.1' });
  pool.on('error', () => {});
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  await pool.end();
});

test('events that a Postgres which hangs has not taken fill 64 MiB of memory at most', async () => {
  const store = createEventStore(pool, { idempotencyMs: 1_000, enqueuedMs: 1_000 });
  const payload = Buffer.alloc(1024 * 1024);
  const refused: unknown[] = [];
  for (let n = 0; n < 70; n++) store.accept(draftOf(payload)).catch((error: unknown) => refused.push(error));
  await new Promise(setImmediate);
  expect(refused).toHaveLength(6);
  expect(refused.every((error) => error instanceof OverloadedError)).toBe(true);
});

function draftOf(payload: Buffer): Parameters<ReturnType<typeof createEventStore>['accept']>[0] {
  return {
    publication: {
      orgId: ids.next('org'),
      type: 'a.b',
      payload,
      attributes: {},
      externalId: null,
      occurredAt: null,
      requestId: 'req_1',
      idempotency: null,
    },
    eventId: ids.next('evt'),
    deliveries: [],
    origin: 'event',
    configVersion: null,
    queued: false,
  };
}
