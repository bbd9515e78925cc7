import { DomainError } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../../test/api.ts';
import { startApi } from '../../../test/api.ts';

const TYPES = '/v1/orgs/acme/event-types';
const EVENTS = '/v1/orgs/acme/events';
let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

const put = (type: string, body: unknown) => api.call('PUT', `${TYPES}/${type}`, { body });

describe('the catalogue', () => {
  it('takes a type with all that is said of it, and shows it', async () => {
    const said = {
      description: 'Paid.',
      group: 'billing',
      deprecated: true,
      schema: { type: 'object' },
      examples: [{ n: 1 }],
    };
    const created = await put('invoice.paid', said);
    expect(created.statusCode).toBe(201);
    const times = { created_at: expect.any(String), updated_at: expect.any(String) };
    expect(created.json()).toEqual({ type: 'invoice.paid', ...said, schema_version: 1, ...times });
    expect((await api.call('GET', `${TYPES}/invoice.paid`)).json()).toEqual(created.json());
    expect(api.ports.schemas.examined).toEqual([{ schema: said.schema, examples: said.examples }]);
  });

  it('replaces what was said, and needs nothing said', async () => {
    await put('a', { description: 'x', schema: true });
    const replaced = await put('a', {});
    expect(replaced.statusCode).toBe(200);
    expect(replaced.json()).toMatchObject({ description: null, group: null, schema: null, schema_version: null });
    expect(replaced.json()).toMatchObject({ deprecated: false, examples: [] });
    expect((await put('x'.repeat(128), {})).statusCode).toBe(201);
    expect(api.ports.schemas.examined).toHaveLength(1);
  });

  it('shows earlier versions of a schema', async () => {
    await put('a', { schema: { type: 'object' } });
    await put('a', { schema: { type: 'array' } });
    const shown = await api.call('GET', `${TYPES}/a?version=1`);
    expect(shown.json()).toMatchObject({ schema: { type: 'object' }, schema_version: 1 });
    expect((await api.call('GET', `${TYPES}/a?version=3`)).json().code).toBe('not_found');
    const listed = await api.call('GET', `${TYPES}/a/versions?limit=1`);
    expect(listed.json()).toMatchObject({ data: [{ version: 2 }], next_cursor: expect.any(String) });
    expect((await api.call('GET', `${TYPES}/b/versions`)).statusCode).toBe(404);
  });

  it('is listed by type, without schemas', async () => {
    await put('b', { group: 'g', schema: true });
    await put('a', { deprecated: true });
    const all = await api.call('GET', TYPES);
    expect(all.json().data.map((one: { type: string }) => one.type)).toEqual(['a', 'b']);
    expect(Object.keys(all.json().data[1])).not.toContain('schema');
    expect((await api.call('GET', `${TYPES}?group=g`)).json().data).toHaveLength(1);
    expect((await api.call('GET', `${TYPES}?deprecated=true`)).json().data).toMatchObject([{ type: 'a' }]);
  });

  it('forgets a type', async () => {
    await put('a', {});
    expect((await api.call('DELETE', `${TYPES}/a`)).statusCode).toBe(204);
    expect((await api.call('DELETE', `${TYPES}/a`)).statusCode).toBe(404);
    expect((await api.call('GET', `${TYPES}/a`)).json().code).toBe('not_found');
  });

  it('refuses a schema that cannot be used, with what is wrong', async () => {
    api.ports.schemas.problems = [{ field: 'schema/type', message: 'must be equal to one of the allowed values' }];
    const response = await put('a', { schema: { type: 'x' } });
    const errors = api.ports.schemas.problems;
    expect(response.json()).toMatchObject({ status: 422, code: 'schema_invalid', errors });
    expect((await api.call('GET', `${TYPES}/a`)).statusCode).toBe(404);
  });

  it('says when to come again where the check of a schema took too long', async () => {
    api.ports.schemas.failure = new DomainError('schema_timeout');
    const response = await put('a', { schema: {} });
    expect([response.statusCode, response.json().code]).toEqual([503, 'schema_timeout']);
    expect(response.headers['retry-after']).toBe('10');
  });

  it.each([
    ['description', { description: 'x'.repeat(2_001) }],
    ['group', { group: '' }],
    ['deprecated', { deprecated: 'yes' }],
    ['schema', { schema: [] }],
    ['schema', { schema: 'true' }],
    ['examples', { examples: Array(11).fill(1) }],
  ])('names the field %s: %j', async (field, body) => {
    const response = await put('a', body);
    expect(response.json()).toMatchObject({ status: 422, code: 'invalid_field', errors: [{ field }] });
  });

  it.each(['a%20b', 'a*', 'a..b', 'hooklane.webhook.suspended', 'x'.repeat(129)])('has no type %s', async (type) => {
    expect((await put(type, {})).json().code).toBe('not_found');
  });

  it('refuses hostile keys in a schema', async () => {
    const response = await api.call('PUT', `${TYPES}/a`, { raw: '{"schema":{"properties":{"__proto__":{}}}}' });
    expect(response.json().code).toBe('unknown_field');
  });
});

describe('an event whose type is in the catalogue', () => {
  const publish = (body: object = {}) =>
    api.call('POST', EVENTS, { body: { type: 'invoice.paid', payload: { card: 'SECRET-4242' }, ...body } });

  beforeEach(() => {
    const known = {
      deprecated: true,
      current: 2,
      schemas: new Map([
        [1, 's1'],
        [2, 's2'],
      ] as const),
    };
    api.ports.types = { unknown: 'refuse', known: new Map([['invoice.paid', known]]) };
  });

  it('is checked by the current schema, or the version that is named', async () => {
    await publish();
    await publish({ schema_version: 1 });
    expect(api.ports.schemas.checked.map(({ id }) => id)).toEqual(['s2', 's1']);
    expect(api.ports.events.drafts.map((draft) => draft.schemaVersion)).toEqual([2, 1]);
  });

  it('is answered with a word where the type is deprecated, alone and in a batch', async () => {
    expect((await publish()).json()).toMatchObject({ deprecated: true });
    const events = [{ type: 'invoice.paid', payload: 1 }];
    const batch = await api.call('POST', `${EVENTS}/batch`, { body: { events } });
    expect(batch.json().data).toMatchObject([{ status: 202, deprecated: true }]);
  });

  it('is refused where its payload does not fit, without a word of the payload', async () => {
    api.ports.schemas.problems = [{ field: 'payload/card', message: 'must be number' }];
    const response = await publish();
    expect(response.json()).toMatchObject({
      status: 422,
      code: 'payload_schema_mismatch',
      errors: api.ports.schemas.problems,
    });
    expect(response.body + JSON.stringify(api.log)).not.toContain('4242');
    expect(api.ports.events.drafts).toEqual([]);
  });

  it.each([
    ['another type', { type: 'other' }, 'unknown_event_type'],
    ['a version that was never made', { schema_version: 3 }, 'invalid_field'],
    ['no version', { schema_version: 0 }, 'invalid_field'],
  ])('is refused: %s', async (_, body, code) => {
    expect((await publish(body)).json()).toMatchObject({ status: 422, code });
  });

  it('of a batch fails alone', async () => {
    const events = [
      { type: 'other', payload: 1 },
      { type: 'invoice.paid', payload: 1 },
    ];
    const { data } = (await api.call('POST', `${EVENTS}/batch`, { body: { events } })).json();
    expect(data).toMatchObject([{ status: 422, error: { code: 'unknown_event_type' } }, { status: 202 }]);
  });

  it('is another request under the same key when it names another version', async () => {
    const call = (schema_version: number) =>
      api.call('POST', EVENTS, {
        body: { type: 'invoice.paid', payload: 1, schema_version },
        headers: { 'idempotency-key': 'k' },
      });
    expect((await call(1)).statusCode).toBe(202);
    expect((await call(2)).json().code).toBe('idempotency_conflict');
  });
});
