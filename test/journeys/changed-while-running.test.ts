// What an operator may change in a fleet that runs: nothing is restarted, and it holds in every process.
import { freePort } from '@hooklane/standalone';
import { expect, it } from 'vitest';
import type { DeliveringFleet } from '../support/delivering-fleet.ts';
import { startDelivering } from '../support/delivering-fleet.ts';
import type { FleetProcess } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { until } from '../support/until.ts';

onBothQueues('in a running fleet, without a restart', (redisUrl) => {
  it('a rate limit of a webhook takes effect when it is set, also for what waits, and when it is taken away', async () => {
    await using fleet = await startDelivering({ redisUrl: redisUrl(), without: ['reaper'] });
    const change = (rate_limit: number | null) => fleet.org.webhooks.update(fleet.webhookId, { rate_limit });
    await publish(fleet, 5);
    await fleet.receiver.waitFor(5);

    await change(4);
    await publish(fleet, 12);
    const limited = (await fleet.receiver.waitFor(17, 30_000)).slice(5);
    // One at once, then four a second; without the limit it would be as long as publishing takes.
    expect(lastedMs(limited)).toBeGreaterThan(2_000);

    await publish(fleet, 100);
    await change(null);
    const changedMs = Date.now();
    await fleet.receiver.waitFor(117, 30_000);
    // With the limit it would be 25 seconds.
    expect(Date.now() - changedMs).toBeLessThan(12_000);
    await fleet.nothingDue();
    expect(fleet.arrived()).toHaveLength(117);
  });
});

it('limits of an org hold in every API seconds after they are set, and no longer when they are taken away', async () => {
  await using fleet = await startDelivering({ without: ['reaper', 'worker'] });
  const otherPort = String(await freePort());
  await fleet.another('api', { PORT: otherPort }).start();
  const { slug } = (await fleet.operator.orgs.list()).data[0] ?? { slug: '' };
  const limit = (events_per_second: number | null) =>
    fleet.operator.orgs.update(slug, { settings: { rate_limits: { events_per_second } } });
  const post = async (url: string) => {
    const headers = { authorization: `Bearer ${fleet.orgKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ type: 'a.b', payload: 1 });
    const answer = await fetch(`${url}/v1/orgs/${slug}/events`, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  };

  for (const url of [fleet.url, `http://127.0.0.1:${otherPort}`]) {
    expect(await post(url)).toBe(202);
    await limit(1);
    await until(async () => (await post(url)) === 429, { what: 'the limit to hold' });
    await limit(null);
    await until(async () => (await many(20, () => post(url))).every((status) => status === 202), {
      what: 'the limit to be gone',
    });
  }
});

it('SIGUSR2 lets each process tell more, and the next one as much as before', async () => {
  await using fleet = await startDelivering({});
  const probe = () => fetch(`${fleet.url}/readyz`);
  const probes = () => fleet.api.lines.filter((line) => line.includes('"route":"/readyz"')).length;
  await probe();

  for (const one of [fleet.api, fleet.worker, fleet.reaper]) await toggled(one, 'debug');
  await probe();
  await until(() => probes() > 0, { what: 'a probe to be told' });
  for (const one of [fleet.api, fleet.worker, fleet.reaper]) await toggled(one, 'info');

  const told = probes();
  await probe();
  // Told after the probe would be.
  await fleet.publish(1);
  await until(() => fleet.api.lines.at(-1)?.includes('/events'), { what: 'the event to be told' });
  expect(probes()).toBe(told);
});

async function publish(fleet: DeliveringFleet, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await fleet.publish(n);
}

function many<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, ask));
}

function lastedMs(requests: ReadonlyArray<{ receivedAt: number }>): number {
  return (requests.at(-1)?.receivedAt ?? 0) - (requests[0]?.receivedAt ?? 0);
}

async function toggled(one: FleetProcess, level: string): Promise<void> {
  one.signal('SIGUSR2');
  const isTold = () => one.lines.some((line) => line.includes(`"log_level":"${level}","msg":"log.level_changed"`));
  await until(isTold, { what: `the level to be ${level}` });
}
