import { formatId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { startApi } from '../../../test/api.ts';
import { eventView } from '../../../test/fake-history.ts';

const EVENTS = '/v1/orgs/acme/events';
let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

describe('the stream of events', () => {
  it('shows events with their payloads byte for byte, and both cursors', async () => {
    const payload = Buffer.from('{"n":1.0, "n":12345678901234567890}');
    const first = eventView(api.acme.id, { payload, externalId: 'x', attributes: { a: '1' } });
    api.ports.stream.events.push(first, eventView(api.acme.id), eventView(api.globex.id));

    const response = await api.call('GET', EVENTS);

    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.body).toContain('"payload":{"n":1.0, "n":12345678901234567890}}');
    const { data, ...cursors } = response.json();
    expect(cursors).toEqual({ next_cursor: null, resume_cursor: 'later' });
    expect(data).toHaveLength(2);
    expect(data[0]).toEqual({
      id: formatId('evt', first.id),
      external_id: 'x',
      request_id: 'req_1',
      type: 't',
      schema_version: null,
      attributes: { a: '1' },
      occurred_at: '2026-01-02T03:04:05.000Z',
      created_at: '2026-01-02T03:04:05.000Z',
      payload: JSON.parse(payload.toString()),
    });
  });

  it('is JSON when it is empty, and when there is more', async () => {
    api.ports.stream.nextCursor = 'more';
    expect((await api.call('GET', EVENTS)).json()).toEqual({ data: [], next_cursor: 'more', resume_cursor: 'more' });
  });

  it('asks for what the query says', async () => {
    const query =
      'since=2026-01-02T03:04:05Z&until=2026-01-02T04:04:05%2B01:00&type=invoice.*&type=order.made&request_id=r&external_id=x&cursor=c&limit=7';
    expect((await api.call('GET', `${EVENTS}?${query}`)).statusCode).toBe(200);
    expect(api.ports.stream.lastAsked).toEqual({
      filter: {
        since: new Date('2026-01-02T03:04:05Z'),
        until: new Date('2026-01-02T03:04:05Z'),
        types: ['invoice.*', 'order.made'],
        requestId: 'r',
        externalId: 'x',
      },
      page: { limit: 7, cursor: 'c' },
    });
    await api.call('GET', EVENTS);
    expect(api.ports.stream.lastAsked).toEqual({ filter: {}, page: { limit: 50, cursor: null } });
  });

  it.each([
    ['limit', 'limit=101'],
    ['limit', 'limit=0'],
    ['since', 'since=yesterday'],
    ['until', 'until=2026-01-02'],
    ['type', `type=${'a&type='.repeat(32)}a`],
    ['type.0', 'type=a*'],
    ['request_id', 'request_id='],
    ['request_id', `request_id=${'x'.repeat(256)}`],
    ['external_id', 'external_id=a%20b'],
  ])('names the field %s: %s', async (field, query) => {
    const response = await api.call('GET', `${EVENTS}?${query}`);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
    expect(api.ports.stream.lastAsked).toBeNull();
  });
});
