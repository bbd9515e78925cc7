import { randomBytes } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Canary } from '../support/canary.ts';
import { canaryEnv, startCanary } from '../support/canary.ts';
import { hooklane } from '../support/command-line.ts';
import { createTestDatabase } from '../support/database.ts';
import type { Fleet } from '../support/fleet.ts';
import { startFleet } from '../support/fleet.ts';
import { until } from '../support/until.ts';

const VERIFIED = 'hooklane_canary_received_total{result="verified",service="canary"}';
const REFUSED = 'hooklane_canary_received_total{result="refused",service="canary"}';
const ACCEPTED = 'hooklane_canary_published_total{result="accepted",service="canary"}';
const FAILED = 'hooklane_canary_published_total{result="failed",service="canary"}';
const LAST_RECEIPT = 'hooklane_canary_last_receipt_timestamp_seconds{service="canary"}';
const ROUND_TRIPS = 'hooklane_canary_round_trip_seconds_count{service="canary"}';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let fleet: Fleet;

beforeAll(async () => {
  database = await createTestDatabase();
  fleet = await startFleet({ databaseUrl: database.url, without: ['reaper'] });
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

describe('hooklane canary', () => {
  it('makes its org and webhook, sends events through the whole chain, verifies them, and ends when told to', async () => {
    const canary = await startCanary(await canaryEnv(fleet));
    await receives(canary, 2);
    expect(await canary.told(ACCEPTED)).toBeGreaterThanOrEqual(2);
    expect(await canary.told(ROUND_TRIPS)).toBeGreaterThanOrEqual(2);
    expect(Math.abs((await canary.told(LAST_RECEIPT)) - Date.now() / 1000)).toBeLessThan(10);
    expect([await canary.told(REFUSED), await canary.told(FAILED)]).toEqual([0, 0]);
    expect(await canary.told(mended('created'))).toBe(1);
    expect((await fetch(`${canary.healthUrl}/healthz`)).status).toBe(200);
    const ready = await fetch(`${canary.healthUrl}/readyz`);
    expect(await ready.json()).toEqual({ ready: true, checks: { webhook: 'ok', api: 'ok' } });
    expect(await canary.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const written = canary.lines.join('\n');
    expect(written).toContain('canary.mended');
    expect(written).not.toContain(fleet.operatorKey);
    expect(written).not.toContain('whsec_');
  });

  it('counts what was signed with another secret, and takes it for no receipt', async () => {
    await using canary = await startCanary(await canaryEnv(fleet));
    await receives(canary, 1);
    await fleet.worker.kill('SIGTERM');
    const before = [await canary.told(VERIFIED), await canary.told(LAST_RECEIPT)];
    const signer = new Signer(`whsec_${randomBytes(32).toString('base64')}`);
    const body = JSON.stringify({ beat: 'forged' });
    const now = new Date();
    const answer = await fetch(canary.url, {
      method: 'POST',
      body,
      headers: {
        'webhook-id': 'evt_1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign('evt_1', now, body),
      },
    });
    expect(answer.status).toBe(401);
    expect((await fetch(canary.url)).status).toBe(405);
    expect(await canary.told(REFUSED)).toBe(1);
    expect([await canary.told(VERIFIED), await canary.told(LAST_RECEIPT)]).toEqual(before);
    expect(canary.lines.join('\n')).toMatch(/"problem":"no_match".*canary\.refused/);
    await fleet.worker.start();
    await receives(canary, (before[0] ?? 0) + 1);
  });

  it('finds its org and webhook again after a restart, and moves it to where it is now', async () => {
    const env = await canaryEnv(fleet);
    const first = await startCanary(env);
    await receives(first, 1);
    const [webhook] = await webhooks();
    await first.kill('SIGKILL');

    const again = await startCanary(env);
    await receives(again, 1);
    expect(await again.told(mended('created'))).toBe(0);
    expect((await webhooks()).map(({ id, version }) => ({ id, version }))).toEqual([
      { id: webhook?.id, version: webhook?.version },
    ]);
    await again.kill('SIGTERM');

    await using moved = await startCanary(await canaryEnv(fleet));
    await receives(moved, 1);
    expect(await moved.told(mended('url'))).toBe(1);
    expect(await webhooks()).toMatchObject([{ id: webhook?.id, url: moved.url }]);
    const orgs = (await fleet.operator.orgs.list({ limit: 100 })).data.filter(({ slug }) => slug === 'canary');
    expect(orgs).toHaveLength(1);
  });

  it('puts right what the system or a mistake did to its webhook, and leaves alone what was done by hand', async () => {
    await using canary = await startCanary(await canaryEnv(fleet));
    await receives(canary, 1);
    const org = fleet.operator.org('canary');
    const id = (await webhooks())[0]?.id ?? '';

    await org.webhooks.rotateSecret(id);
    await until(() => canary.told(mended('secret')), { what: 'its secret to be set again' });
    await receives(canary, (await canary.told(VERIFIED)) + 1);

    await org.webhooks.suspend(id);
    await canary.waitForLine(/suspended \(manual\).*canary\.held/);
    expect((await org.webhooks.get(id)).suspended?.reason).toBe('manual');
    await org.webhooks.unsuspend(id);

    await org.webhooks.delete(id);
    await until(async () => (await canary.told(mended('created'))) > 0, { what: 'it to be made again' });
    await receives(canary, (await canary.told(VERIFIED)) + 1);
    expect(await webhooks()).toHaveLength(1);
  });

  it('comes back by itself after its webhook was suspended because it was away', async () => {
    const env = await canaryEnv(fleet);
    const gone = await startCanary(env);
    await receives(gone, 1);
    await gone.kill('SIGTERM');
    const org = fleet.operator.org('canary');
    const id = (await webhooks())[0]?.id ?? '';
    await org.webhooks.update(id, { failure_policy: { suspend: { after_failures: 1, after_ms: 0 } } });
    await org.events.publish({ type: 'canary.beat', payload: {} });
    const isSuspended = async () => (await org.webhooks.get(id)).suspended?.reason === 'failures';
    await until(isSuspended, { what: 'its webhook to be suspended', timeoutMs: 20_000 });

    await using canary = await startCanary(env);
    await receives(canary, 1);
    expect(await canary.told(mended('unsuspended'))).toBe(1);
    expect(await webhooks()).toMatchObject([{ id, suspended: null }]);
  });

  it('survives an API that goes away, and one that is away when it starts', async () => {
    const env = await canaryEnv(fleet);
    await using canary = await startCanary(env);
    await receives(canary, 1);
    await fleet.api.kill('SIGKILL');
    await until(async () => (await canary.told(FAILED)) >= 2, { what: 'publishes to fail' });
    const ready = await fetch(`${canary.healthUrl}/readyz`);
    expect(await ready.json()).toEqual({ ready: true, checks: { webhook: 'ok', api: 'degraded' } });
    await using late = await startCanary(await canaryEnv(fleet));
    expect((await fetch(`${late.healthUrl}/readyz`)).status).toBe(503);
    const before = await canary.told(ACCEPTED);
    await fleet.api.start();
    await until(async () => (await canary.told(ACCEPTED)) > before, { what: 'it to publish again', timeoutMs: 20_000 });
    await until(async () => (await fetch(`${late.healthUrl}/readyz`)).ok, { what: 'the late one to register' });
    expect([canary.isRunning(), late.isRunning()]).toEqual([true, true]);
  });

  it('says what an address that workers may not send to is cured by', async () => {
    const env = { ...(await canaryEnv(fleet)), HOOKLANE_CANARY_ORG: 'canary-inside' };
    const inside = await hooklane(['canary', '--receiver', 'http://10.0.0.1:9/'], env);
    expect(inside.code).toBe(3);
    expect(inside.stderr).toContain('HOOKLANE_ALLOW_NETWORKS');
  });

  it('tells what became of an event that did not come back', async () => {
    await fleet.worker.kill('SIGTERM');
    await using canary = await startCanary(await canaryEnv(fleet));
    await canary.waitForLine(/"outcome":"no attempt was made".*canary\.missed/);

    const careful = fleet.another('worker', { HOOKLANE_ALLOW_NETWORKS: '10.0.0.0/8' });
    await careful.start();
    await canary.waitForLine(/"outcome":"blocked".*HOOKLANE_ALLOW_NETWORKS.*canary\.missed/);
    expect(await canary.told(VERIFIED)).toBe(0);
    await careful.kill('SIGTERM');
    await fleet.worker.start();
    await receives(canary, 1);
  });

  it.each([
    [{ HOOKLANE_CANARY_URL: '' }, 2, 'Set HOOKLANE_CANARY_URL'],
    [{ HOOKLANE_API_KEY: '' }, 2, 'Set HOOKLANE_API_KEY'],
    [{ HOOKLANE_CANARY_INTERVAL: '2m' }, 2, 'expected a duration from 100ms to 1m'],
    [{ HOOKLANE_API_KEY: 'hk_nobody' }, 3, 'is no key of this API'],
    [{ HOOKLANE_CANARY_ORG: 'Not A Slug' }, 2, 'HOOKLANE_CANARY_ORG'],
  ])('does not start with %o, and says why', async (wrong, code, why) => {
    const ended = await hooklane(['canary'], { ...(await canaryEnv(fleet)), ...wrong });
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(why)]);
  });

  it('needs no more than a key of its org with five scopes', async () => {
    await fleet.operator.orgs.create({ slug: 'narrow' });
    const scopes = ['events:write', 'webhooks:list', 'webhooks:create', 'webhooks:update', 'deliveries:read'] as const;
    const { key } = await fleet.operator.keys.create('narrow', { name: 'canary', scopes: [...scopes] });
    const env = { ...(await canaryEnv(fleet)), HOOKLANE_CANARY_ORG: 'narrow' };
    await using canary = await startCanary({ ...env, HOOKLANE_API_KEY: key });
    await receives(canary, 2);

    const other = await fleet.operator.keys.create('narrow', { name: 'too little', scopes: ['events:write'] });
    const refused = await hooklane(['canary', '--port', '0'], { ...env, HOOKLANE_API_KEY: other.key });
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('lacks a scope')]);
    const lost = await hooklane(['--org', 'another', 'canary', '--port', '0'], { ...env, HOOKLANE_API_KEY: key });
    expect([lost.code, lost.stderr]).toEqual([3, expect.stringContaining('not for the org another')]);
  });
});

function mended(kind: string): string {
  return `hooklane_canary_mended_total{kind="${kind}",service="canary"}`;
}

async function webhooks() {
  return (await fleet.operator.org('canary').webhooks.list()).data;
}

async function receives(canary: Canary, times: number): Promise<void> {
  const what = `${times} receipts of the canary, which wrote:\n${canary.lines.join('\n')}`;
  await until(async () => (await canary.told(VERIFIED)) >= times, { what, timeoutMs: 30_000 });
}
