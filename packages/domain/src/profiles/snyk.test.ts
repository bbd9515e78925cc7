import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELIVERY_ID, dispatch, headersOver, keyOf, sent, WEBHOOK_ID } from '../../test/dispatch.ts';
import type { PingSubject } from './profile.ts';
import { snyk } from './snyk.ts';

const SECRET = 'a8be22bb7bed43a3ac24de3580093560';

describe('the snyk profile', () => {
  it('signs the body in hex (a vector of ours)', () => {
    const body = '{"webhookId":"d3cf26b3-2d77-497b-bce2-23b33cc15362"}';
    expect(headersOver('snyk', body, { keys: [keyOf(SECRET)] })['x-hub-signature']).toBe(
      'sha256=d5ca4bacc32bac605a08061007d5249dc59e05cae6bd00ba0c6a0276acf69aeb',
    );
  });

  it('has the time of the event, the GUID of the delivery, and one signature', () => {
    expect(
      sent('snyk', dispatch({ type: 'ping' }, { attempt: 4, timestamp: 9 }), { keys: [keyOf(SECRET)] }).headers,
    ).toEqual({
      'content-type': 'application/json',
      'x-snyk-event': 'ping/v0',
      'x-snyk-timestamp': '2026-02-03T04:05:06.789Z',
      'x-snyk-transport-id': DELIVERY_ID,
      'x-hub-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
  });

  it.each([
    ['project_snapshot', 'project_snapshot/v0'],
    ['project_snapshot.v12', 'project_snapshot/v12'],
    ['project.snapshot.v1', 'project.snapshot/v1'],
    ['v1', 'v1/v0'],
    ['project.version', 'project.version/v0'],
  ])('calls %s the event %s', (type, name) => {
    expect(sent('snyk', dispatch({ type })).headers['x-snyk-event']).toBe(name);
  });

  it('verifies by the recipe of the vendor, which writes anew what it has parsed', () => {
    fc.assert(
      fc.property(fc.json(), (payload) => {
        const { body, headers } = sent('snyk', dispatch({ payload: ` ${payload}\n` }), { keys: [keyOf(SECRET)] });
        const digest = createHmac('sha256', SECRET)
          .update(JSON.stringify(JSON.parse(body)), 'utf8')
          .digest('hex');
        expect(headers['x-hub-signature']).toBe(`sha256=${digest}`);
      }),
    );
  });

  it('pings with the GUID of the webhook', () => {
    expect(snyk.ping({ id: WEBHOOK_ID } as PingSubject)).toEqual({ webhookId: WEBHOOK_ID });
  });
});
