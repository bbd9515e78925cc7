import { expect, it } from 'vitest';
import type { House } from '../support/house.ts';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues("another org's things", (open) => {
  it('are as unknown as what never was, on every route', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    const { id: webhook } = await house.webhook(receiver, { failure_policy: { retry: { kind: 'none' } } });
    const { id: event } = await house.org.events.publish({ type: 'a.b', payload: 'secret' });
    await until(async () => (await house.org.diverted.list(webhook)).data.length === 1, { what: 'a diverted event' });
    const [attempt] = (await house.org.webhooks.attempts(webhook)).data;
    const operation = await house.org.diverted.resendAll(webhook);
    const stranger = await house.newOrg();

    const theirs = { webhook, event, attempt: attempt?.id ?? '', operation: operation.id };
    const unknown = {
      webhook: 'wh_01h455vb4pex5vsknk084sn02q',
      event: 'evt_01h455vb4pex5vsknk084sn02q',
      attempt: 'att_01h455vb4pex5vsknk084sn02q',
      operation: 'op_01h455vb4pex5vsknk084sn02q',
    };
    for (const route of ROUTES) {
      const seen = await call(house, stranger.slug, route(theirs));
      const never = await call(house, stranger.slug, route(unknown));
      expect([route(theirs), seen]).toEqual([route(theirs), never]);
      expect(seen.status).toBe(404);
    }
    expect(await house.org.webhooks.get(webhook)).toMatchObject({ enabled: true, suspended: null });
  });

  it("are not reached through another org's slug either", async () => {
    await using house = await open();
    const stranger = await house.newOrg();
    await expect(stranger.org(house.org.slug).webhooks.list()).rejects.toMatchObject({ status: 404 });
    await expect(stranger.org('no-such-org').webhooks.list()).rejects.toMatchObject({ status: 404 });
  });
});

type Ids = Record<'webhook' | 'event' | 'attempt' | 'operation', string>;

const ROUTES: ((ids: Ids) => [method: string, path: string, body?: unknown])[] = [
  ({ webhook }) => ['GET', `webhooks/${webhook}`],
  ({ webhook }) => ['PATCH', `webhooks/${webhook}`, { name: 'mine' }],
  ({ webhook }) => ['DELETE', `webhooks/${webhook}`],
  ({ webhook }) => ['POST', `webhooks/${webhook}/suspend`],
  ({ webhook }) => ['POST', `webhooks/${webhook}/unsuspend`],
  ({ webhook }) => ['POST', `webhooks/${webhook}/ping`],
  ({ webhook }) => ['POST', `webhooks/${webhook}/secrets/rotate`, {}],
  ({ webhook }) => ['GET', `webhooks/${webhook}/attempts`],
  ({ webhook, attempt }) => ['GET', `webhooks/${webhook}/attempts/${attempt}`],
  ({ webhook }) => ['GET', `webhooks/${webhook}/deliveries`],
  ({ webhook }) => ['GET', `webhooks/${webhook}/diverted`],
  ({ webhook, event }) => ['GET', `webhooks/${webhook}/diverted/${event}`],
  ({ webhook, event }) => ['DELETE', `webhooks/${webhook}/diverted/${event}`],
  ({ webhook, event }) => ['POST', `webhooks/${webhook}/diverted/${event}/resend`],
  ({ webhook }) => ['POST', `webhooks/${webhook}/diverted/resend`, {}],
  ({ event }) => ['GET', `events/${event}`],
  ({ operation }) => ['GET', `operations/${operation}`],
];

/** With the operator's key, which may speak for any org: only the org in the path keeps things apart. */
async function call(
  house: House,
  slug: string,
  [method, path, body]: [string, string, unknown?],
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.url}/v1/orgs/${slug}/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${house.operatorKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { request_id: _, ...answer } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answer };
}
