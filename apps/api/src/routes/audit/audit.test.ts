import type { AuditRecord } from '@hooklane/engine';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { OPERATOR_KEY, startApi, strangeId } from '../../../test/api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

function entry(changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: api.ports.ids.next('aud'),
    at: new Date('2026-02-03T04:05:06.007Z'),
    org: { id: api.acme.id, slug: 'acme' },
    actor: { kind: 'operator' },
    requestId: 'req_1',
    action: 'webhook.updated',
    target: 'wh_1',
    fields: ['url'],
    details: { url: 'https://a.example/…' },
    ...changes,
  };
}

describe('the audit trail', () => {
  it('of an org is shown to its keys, with who did it', async () => {
    const keyId = api.ports.ids.next('key');
    api.ports.audit.all.push(
      entry(),
      entry({ actor: { kind: 'key', id: keyId, name: 'ci' } }),
      entry({ actor: { kind: 'system' }, requestId: null, fields: [], details: {} }),
      entry({ org: { id: api.globex.id, slug: 'globex' } }),
    );

    const { data, next_cursor } = (await api.call('GET', '/v1/orgs/acme/audit')).json();

    expect(next_cursor).toBeNull();
    expect(data).toHaveLength(3);
    expect(data[0]).toEqual({
      id: expect.stringMatching(/^aud_[0-9a-z]{26}$/),
      at: '2026-02-03T04:05:06.007Z',
      org: { id: expect.stringMatching(/^org_/), slug: 'acme' },
      actor: { kind: 'operator', key_id: null, key_name: null },
      action: 'webhook.updated',
      target: 'wh_1',
      fields: ['url'],
      details: { url: 'https://a.example/…' },
      request_id: 'req_1',
    });
    expect(data[1].actor).toEqual({ kind: 'key', key_id: expect.stringMatching(/^key_/), key_name: 'ci' });
    expect(data[2]).toMatchObject({ actor: { kind: 'system', key_id: null }, request_id: null });
  });

  it('passes its filters on', async () => {
    const key = strangeId(api.ports, 'key');
    const query = `actor=${key}&action=key.revoked&target=wh_1&since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z`;
    expect((await api.call('GET', `/v1/orgs/acme/audit?${query}&limit=7&cursor=c`)).statusCode).toBe(200);
    expect(api.ports.audit.lastAsked).toEqual({
      filter: {
        orgId: api.acme.id,
        actor: expect.stringMatching(/^[0-9a-f-]{36}$/),
        action: 'key.revoked',
        target: 'wh_1',
        since: new Date('2026-01-01T00:00:00Z'),
        until: new Date('2026-02-01T00:00:00Z'),
      },
      page: { limit: 7, cursor: 'c' },
    });
  });

  it('of all orgs is the operator’s, by slug or not', async () => {
    api.ports.audit.all.push(entry(), entry({ org: null }));
    const all = await api.call('GET', '/v1/admin/audit', { key: OPERATOR_KEY });
    expect(all.json().data.map((one: { org: unknown }) => one.org)).toEqual([expect.anything(), null]);

    await api.call('GET', '/v1/admin/audit?org=acme&actor=system', { key: OPERATOR_KEY });
    expect(api.ports.audit.lastAsked?.filter).toMatchObject({ orgSlug: 'acme', actor: 'system' });
  });

  it.each([
    ['actor', 'nobody'],
    ['actor', 'wh_01h455vb4pex5vsknk084sn02q'],
    ['action', 'webhook.renamed'],
    ['target', ''],
    ['since', 'yesterday'],
    ['limit', '0'],
  ])('refuses %s=%s', async (field, value) => {
    const response = await api.call('GET', `/v1/orgs/acme/audit?${field}=${value}`);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
  });
});

describe('a change', () => {
  it('is made in the name of the key that asks for it, with the id of the request', async () => {
    const { create } = api.ports.webhooks;
    let author: unknown;
    api.ports.webhooks.create = (webhook, limit) => {
      author = webhook.by;
      return create(webhook, limit);
    };
    const body = { url: 'https://example.com/', events: ['*'], ping: false };

    const answer = await api.call('POST', '/v1/orgs/acme/webhooks', { body });

    const requestId = answer.headers['x-request-id'];
    expect(author).toEqual({ actor: { kind: 'key', id: api.ports.keys.all[0]?.id, name: 'test' }, requestId });
    await api.call('POST', '/v1/orgs/acme/webhooks', { body, key: OPERATOR_KEY });
    expect(author).toMatchObject({ actor: { kind: 'operator' } });
  });
});
