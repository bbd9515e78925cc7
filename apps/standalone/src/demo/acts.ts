import { Webhook } from 'standardwebhooks';
import type { Stage } from './stage.ts';

/** One act of the demo. It throws when something that it claims does not hold. */
export type Act = (stage: Stage) => Promise<void>;

/** A producer posts an event, the receiver gets it signed. */
export const deliversSigned: Act = async (stage) => {
  stage.narrator.title('1  A signed delivery');
  const shop = await stage.receiver();
  const webhook = await stage.webhook(shop, { name: 'shop', events: ['invoice.*'] });
  stage.narrator.say('webhook "shop" subscribed to invoice.*; its secret is shown once, now');
  await stage.publish('invoice.paid', 1);
  await stage.expect('the event was delivered', () => shop.accepted.size === 1);
  await stage.expect('its signature verifies with the "standardwebhooks" package', () => {
    const [request] = shop.requests;
    return request !== undefined && verifies(webhook.secret, request);
  });
};

/** A receiver that fails twice gets the same event, with the same id, until it accepts it. */
export const retries: Act = async (stage) => {
  stage.narrator.title('2  A receiver that fails twice');
  const flaky = await stage.receiver();
  flaky.behave((index) => ({ status: index < 2 ? 503 : 200 }));
  await stage.webhook(flaky, {
    name: 'flaky',
    events: ['order.placed'],
    failure_policy: { retry: { kind: 'exponential', interval_ms: 200, factor: 2, cap_ms: 1_000, max_attempts: 5 } },
  });
  await stage.publish('order.placed', 1);
  await stage.expect('two attempts failed, the third was accepted', () => flaky.accepted.size === 1);
  await stage.expect('all three carried the same webhook-id and body', () => {
    const different = new Set(flaky.requests.map(({ id, body }) => `${id} ${body}`));
    return flaky.requests.length === 3 && different.size === 1;
  });
};

/** A receiver that stays broken is suspended by itself; its events wait, and are sent again once it works. */
export const suspendsAndResends: Act = async (stage) => {
  stage.narrator.title('3  A receiver that stays broken');
  const broken = await stage.receiver();
  broken.behave(() => ({ status: 500 }));
  const { id } = await stage.webhook(broken, {
    name: 'broken',
    events: ['parcel.sent'],
    failure_policy: { retry: { kind: 'none' }, suspend: { after_failures: 5, after_ms: 0 } },
  });
  await stage.publish('parcel.sent', 5);
  await stage.expect('after 5 failures in a row it is suspended', async () => {
    return (await stage.org.webhooks.get(id)).suspended?.reason === 'failures';
  });
  stage.tally.suspended += 1;
  const seen = broken.requests.length;
  await stage.publish('parcel.sent', 20);
  await stage.expect('all 25 events are diverted: kept, not dropped', async () => {
    return (await countDiverted(stage, id)) === 25;
  });
  stage.tally.diverted += await countDiverted(stage, id);
  await stage.expect('while suspended it got no request', () => broken.requests.length === seen);

  broken.behave(() => ({ status: 200 }));
  stage.narrator.say('the receiver is mended: unsuspend, and send all of them again');
  await stage.org.webhooks.unsuspend(id);
  const operation = await stage.org.diverted.resendAll(id);
  await stage.expect('all 25 arrived, none is diverted any more', async () => {
    return broken.accepted.size === 25 && (await countDiverted(stage, id)) === 0;
  });
  stage.tally.resent += (await stage.org.operations.get(operation.id)).moved;
};

/** kill -9 of the worker in the middle of its work. */
export const survivesKill: Act = async (stage) => {
  stage.narrator.title('4  kill -9 of the worker');
  const slow = await stage.receiver();
  slow.behave(() => ({ status: 200, delayMs: 40 }));
  await stage.webhook(slow, { name: 'slow', events: ['task.done'] });
  const ids = await stage.publish('task.done', 200);
  await waitForSome(slow.accepted);
  const { worker } = stage.standalone;
  const killed = worker.pid;
  process.kill(killed, 'SIGKILL');
  const missing = ids.filter((id) => !slow.accepted.has(id)).length;
  stage.narrator.say(`killed worker ${killed} with ${missing} of 200 events still to deliver`);
  await stage.expect('a new worker took over', () => worker.pid !== killed);
  await stage.expect('every one of the 200 events arrived', () => ids.every((id) => slow.accepted.has(id)), 30_000);
};

/** The log keeps the newest 100 attempts of a webhook. */
export const prunesLog: Act = async (stage) => {
  stage.narrator.title('5  250 events and a log of 100');
  const busy = await stage.receiver();
  const { id } = await stage.webhook(busy, { name: 'busy', events: ['meter.read'] });
  await stage.publish('meter.read', 250);
  await stage.expect('all 250 were delivered', () => busy.accepted.size === 250, 30_000);
  await stage.expect('the reaper pruned the log of this webhook to 100 attempts', async () => {
    return (await countLogged(stage, id)) === 100;
  });
};

function verifies(secret: string | null, { body, headers }: { body: string; headers: object }): boolean {
  if (secret === null) return false;
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}

async function countDiverted(stage: Stage, webhook: string): Promise<number> {
  return (await stage.org.diverted.list(webhook, { limit: 100 })).data.length;
}

/** Counted in the table: the API would show 100 at most anyway. */
async function countLogged(stage: Stage, webhook: string): Promise<number> {
  const { rows } = await stage.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM attempts a JOIN webhooks w ON w.id = a.webhook_id WHERE w.name = $1',
    [(await stage.org.webhooks.get(webhook)).name],
  );
  return rows[0]?.count ?? 0;
}

async function waitForSome(accepted: ReadonlySet<string>): Promise<void> {
  while (accepted.size < 20) await new Promise((resolve) => setTimeout(resolve, 5));
}
