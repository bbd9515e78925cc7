import type { Origin } from '@hooklane/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DnsServer } from '../support/dns-server.ts';
import { startDnsServer } from '../support/dns-server.ts';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import type { ReceiverSocket } from '../support/listening-socket.ts';
import { startListening } from '../support/listening-socket.ts';
import { until } from '../support/until.ts';

/** Names that lead inside. The door lets them pass, as it must: what they mean is not known before they are dialled. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'inside.test': ['127.0.0.1'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
  'mapped.test': ['::ffff:7f00:1'],
  'any.test': ['0.0.0.0'],
};

let house: House;
let dns: DnsServer;
let inside: ReceiverSocket;
beforeAll(async () => {
  inside = await startListening();
  dns = await startDnsServer(({ name, count }) => {
    if (name === 'rebinding.test') return count === 1 ? 'refuse' : ['127.0.0.1'];
    return ANSWERS[name] ?? 'refuse';
  });
  house = await openHouse({
    redis: false,
    env: {
      HOOKLANE_ALLOW_NETWORKS: '',
      HOOKLANE_DNS_SERVERS: dns.address,
      HTTP_PROXY: `http://127.0.0.1:${inside.port}`,
    },
  });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  dns.close();
  inside.close();
});

function at(name: string): { url: string } {
  return { url: `http://${name}:${inside.port}/` };
}

describe('a webhook whose name leads inside', () => {
  it('is reached by nothing that is ever sent: events, pings, alerts, resent, redelivered and replayed ones', async () => {
    const policy = {
      retry: { kind: 'none' },
      suspend: { after_failures: 1, after_ms: 0 },
      alert_url: at('inside.test').url,
    } as const;
    const { webhooks, deliveries, diverted, events, operations } = house.org;
    const webhook = await house.webhook(at('inside.test'), { failure_policy: policy, ping: true });
    const { id } = webhook;
    const origins = async () => {
      const { data } = await webhooks.attempts(id, { limit: 100 });
      expect(data.filter(({ outcome }) => outcome !== 'blocked')).toEqual([]);
      return new Set(data.map(({ origin }) => origin));
    };
    const made = (origin: Origin) => until(async () => (await origins()).has(origin), { what: `the ${origin}` });
    // Its failure is seen a moment before what follows from it.
    const unsuspend = async () => {
      await until(async () => (await webhooks.get(id)).suspended !== null, { what: 'the suspension' });
      await webhooks.unsuspend(id);
    };
    const since = new Date(Date.now() - 60_000).toISOString();

    await made('ping');
    expect(await webhooks.ping(id, { wait: true })).toMatchObject({ outcome: 'blocked', response: null });
    const event = await events.publish({ type: 'a.b', payload: {} });
    await made('event');
    await made('alert');
    await unsuspend();
    await diverted.resend(id, event.id);
    await made('resend');
    await unsuspend();
    const [delivery] = (await webhooks.deliveries(id, { state: 'diverted' })).data;
    await deliveries.redeliver(delivery?.id ?? '');
    await made('redeliver');
    await unsuspend();
    const replay = await webhooks.replay(id, { since });
    await until(async () => (await operations.get(replay.id)).state !== 'running', { what: 'the replay' });
    await made('replay');
    await unsuspend();
    await webhooks.retryNow(id);
    await diverted.resendAll(id, {});
    await until(async () => (await diverted.list(id)).data.length > 0, { what: 'everything to be set aside again' });

    const all: readonly Origin[] = ['event', 'ping', 'alert', 'resend', 'redeliver', 'replay'];
    expect([...(await origins())].toSorted()).toEqual(all.toSorted());
    expect(inside.accepted()).toBe(0);
  });

  it.each(Object.keys(ANSWERS))('is not reached at %s, and does not learn what it means', async (name) => {
    const webhook = await house.webhook(at(name), { events: [name] });
    const attempt = await house.org.webhooks.ping(webhook.id, { wait: true });
    expect(attempt).toMatchObject({ outcome: 'blocked', response: null });
    expect(JSON.stringify(attempt)).not.toMatch(/127\.0|93\.184|::ffff|7f00/);
    expect(inside.accepted()).toBe(0);
  });

  it('is judged anew at every attempt, whatever the name meant before', async () => {
    // Later than a failure to find it is remembered.
    const retry = { kind: 'list', delays_ms: [1_200, 1_200] } as const;
    const webhook = await house.webhook(at('rebinding.test'), { events: ['rebinding'], failure_policy: { retry } });
    await house.org.events.publish({ type: 'rebinding', payload: {} });
    const outcomes = async () => (await house.org.webhooks.attempts(webhook.id)).data.map(({ outcome }) => outcome);
    await until(async () => (await outcomes()).includes('blocked'), { what: 'the name to lead inside' });
    expect((await outcomes()).at(-1)).toBe('unreachable');
    expect(dns.asked.filter(({ name, type }) => name === 'rebinding.test' && type === 'A').length).toBeGreaterThan(1);
    expect(inside.accepted()).toBe(0);
  });
});
