import { keyFromSecret, parseId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { OPERATOR_KEY, startApi } from '../../../test/api.ts';
import { attemptView } from '../../../test/fake-history.ts';

let api: TestApi;
let path: string;

beforeEach(async () => {
  api = await startApi();
  const body = { url: 'https://example.com/', events: ['*'], ping: false, timeout_ms: 1000 };
  path = `/v1/orgs/acme/webhooks/${(await api.call('POST', '/v1/orgs/acme/webhooks', { body })).json().id}`;
});

describe('suspending a webhook', () => {
  it('is undone by unsuspending it', async () => {
    const suspended = await api.call('POST', `${path}/suspend`);
    expect(suspended.statusCode).toBe(200);
    expect(suspended.json()).toMatchObject({ active: false, enabled: true, suspended: { reason: 'manual' } });
    expect(suspended.json().suspended.at).toBe('2026-01-02T03:04:05.000Z');
    const active = await api.call('POST', `${path}/unsuspend`, { body: {} });
    expect(active.json()).toMatchObject({ active: true, suspended: null });
  });

  it('takes no fields', async () => {
    for (const action of ['suspend', 'unsuspend', 'ping']) {
      const response = await api.call('POST', `${path}/${action}`, { body: { reason: 'x' } });
      expect(response.json()).toMatchObject({ status: 422, code: 'unknown_field', errors: [{ field: 'reason' }] });
    }
  });
});

describe('pausing', () => {
  it('a webhook is shown with it, stays active, and goes on when it is resumed', async () => {
    let woken = 0;
    api.ports.queue.leaveToStore = () => woken++;
    const paused = { scope: 'webhook', at: '2026-01-02T03:04:05.000Z' };
    expect((await api.call('POST', `${path}/pause`)).json()).toMatchObject({ active: true, paused });
    expect((await api.call('GET', path)).json()).toMatchObject({ paused });
    expect((await api.call('POST', `${path}/resume`)).json()).toMatchObject({ paused: null });
    expect(woken).toBe(1);
  });

  it('an org, or all of them, is for the operator, who is told whose are paused', async () => {
    const operator = (method: 'GET' | 'POST', url: string) => api.call(method, url, { key: OPERATOR_KEY });
    expect((await operator('POST', '/v1/orgs/acme/pause')).json()).toMatchObject({ paused: { scope: 'org' } });
    expect((await operator('POST', '/v1/admin/pause')).json()).toMatchObject({ counts: { all: 1, org: 1 } });
    const { counts, pauses } = (await operator('GET', '/v1/admin/pauses')).json();
    expect([counts.webhook, pauses.map(({ scope }: { scope: string }) => scope)]).toEqual([0, ['org', 'all']]);
    expect((await operator('POST', '/v1/admin/resume')).json().counts.all).toBe(0);
    expect((await operator('POST', '/v1/orgs/acme/resume')).json()).toMatchObject({ paused: null });
  });
});

describe('pinging a webhook', () => {
  it('answers 202 with the delivery at once', async () => {
    const response = await api.call('POST', `${path}/ping`);
    const [draft] = api.ports.events.drafts;
    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ webhook_id: path.split('/').at(-1), attempt: 1 });
    expect(parseId('dlv', response.json().delivery_id)).toBe(draft?.deliveries[0]?.deliveryId);
    expect(draft?.publication.requestId).toBe(response.headers['x-request-id']);
  });

  it('answers 200 with the attempt when told to wait for it', async () => {
    const { history } = api.ports;
    history.attemptOf = async ({ orgId, webhookId, deliveryId }, number) => {
      const isOurs = deliveryId === api.ports.events.drafts[0]?.deliveries[0]?.deliveryId && number === 1;
      return isOurs ? attemptView({ orgId, webhookId, deliveryId }) : null;
    };
    const response = await api.call('POST', `${path}/ping?wait=true`);
    expect([response.statusCode, response.json().outcome]).toEqual([200, 'rejected']);
  });

  it('answers 202 when the attempt is not over in time, or the process stops', async () => {
    const waiting = api.call('POST', `${path}/ping?wait=true`);
    await expect.poll(() => api.ports.events.drafts.length).toBe(1);
    api.stopping.abort();
    expect((await waiting).statusCode).toBe(202);
  });

  it('works while the webhook is suspended', async () => {
    await api.call('POST', `${path}/suspend`);
    expect((await api.call('POST', `${path}/ping`)).statusCode).toBe(202);
  });

  it.each(['wait=yes', 'wait=1', 'wait='])('refuses %s', async (query) => {
    const response = await api.call('POST', `${path}/ping?${query}`);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field: 'wait' }] });
    expect(api.ports.events.drafts).toEqual([]);
  });
});

describe('rotating the secret', () => {
  it('makes one when none is given, and shows it once', async () => {
    const response = await api.call('POST', `${path}/secrets/rotate`);
    expect(response.statusCode).toBe(200);
    const { secret, secret_hint } = response.json();
    expect(keyFromSecret(secret)).toHaveLength(32);
    expect(secret_hint).toBe(secret.slice(-4));
    expect((await api.call('GET', path)).body).not.toContain(secret);
  });

  it('passes secret and overlap on', async () => {
    const given = `whsec_${Buffer.alloc(64, 9).toString('base64')}`;
    let overlapMs = -1;
    const { rotateSecret } = api.ports.webhooks;
    api.ports.webhooks.rotateSecret = (webhook, rotation) => {
      overlapMs = rotation.overlapMs;
      return rotateSecret(webhook, rotation);
    };
    const response = await api.call('POST', `${path}/secrets/rotate`, { body: { secret: given, overlap_seconds: 0 } });
    expect([response.json().secret, overlapMs]).toEqual([given, 0]);
    await api.call('POST', `${path}/secrets/rotate`, { body: {} });
    expect(overlapMs).toBe(86_400_000);
  });

  it.each([-1, 604_801, 1.5, '60'])('refuses an overlap of %j seconds', async (overlap_seconds) => {
    const response = await api.call('POST', `${path}/secrets/rotate`, { body: { overlap_seconds } });
    expect(response.json()).toMatchObject({ code: 'invalid_field', errors: [{ field: 'overlap_seconds' }] });
  });

  it('is refused when too many secrets are valid', async () => {
    api.ports.webhooks.tooManySecrets = true;
    const response = await api.call('POST', `${path}/secrets/rotate`);
    expect([response.statusCode, response.json().code]).toEqual([409, 'too_many_secrets']);
  });
});
