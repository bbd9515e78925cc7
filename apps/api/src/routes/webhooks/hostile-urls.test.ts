import { createAddressPolicy, createDestinationGuard } from '@hooklane/sender';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  HOSTILE_URLS,
  PUBLIC_ADDRESSES,
  SPECIAL_IPV4,
  SPECIAL_IPV6,
} from '../../../../../test/support/hostile-addresses.ts';
import type { TestApi } from '../../../test/api.ts';
import { startApi } from '../../../test/api.ts';

const WEBHOOKS = '/v1/orgs/acme/webhooks';
const EVENTS = { events: ['*'], ping: false };
const INSIDE = [
  ...SPECIAL_IPV4.map((address) => `https://${address}/`),
  ...SPECIAL_IPV6.map((one) => `https://[${one}]/`),
];

let api: TestApi;
let path: string;
beforeAll(async () => {
  api = await startApi();
  const policy = createAddressPolicy({ allowNetworks: [] });
  api.ports.guard = createDestinationGuard({ policy, allowHttp: false, allowPrivateNames: false });
  api.ports.limits.webhooksPerOrg = 1_000;
  const made = await api.call('POST', WEBHOOKS, { body: { url: 'https://example.com/', ...EVENTS } });
  path = `${WEBHOOKS}/${made.json().id}`;
});

/** The ways in which a URL gets into a webhook, and the field that is named when it is refused. */
const DOORS: Readonly<Record<string, { field: string; ask: (url: string) => ReturnType<TestApi['call']> }>> = {
  create: { field: 'url', ask: (url) => api.call('POST', WEBHOOKS, { body: { url, ...EVENTS } }) },
  change: { field: 'url', ask: (url) => api.call('PATCH', path, { body: { url } }) },
  'create with an alert URL': {
    field: 'failure_policy.alert_url',
    ask: (url) => {
      const body = { url: 'https://example.com/', ...EVENTS, failure_policy: { alert_url: url } };
      return api.call('POST', WEBHOOKS, { body });
    },
  },
  'change the alert URL': {
    field: 'failure_policy.alert_url',
    ask: (url) => api.call('PATCH', path, { body: { failure_policy: { alert_url: url } } }),
  },
};

describe.each(Object.entries(DOORS))('what leads inside is refused by name at the door: %s', (_, { field, ask }) => {
  it.each(INSIDE)('%s', async (url) => {
    const response = await ask(url);
    expect(response.json()).toMatchObject({ status: 422, code: 'url_not_allowed', errors: [{ field }] });
  });

  it.each(HOSTILE_URLS)('%j', async (url) => {
    const response = await ask(url);
    expect(response.json()).toMatchObject({ status: 422, code: 'url_not_allowed', errors: [{ field }] });
  });

  it('and what lies right beside it is not', async () => {
    for (const address of PUBLIC_ADDRESSES) {
      const response = await ask(`https://${address.includes(':') ? `[${address}]` : address}/`);
      expect([address, response.statusCode]).toEqual([address, expect.toBeOneOf([200, 201])]);
    }
  });
});

it('is asked about 74 addresses and 30 spellings at least', () => {
  expect(INSIDE.length).toBeGreaterThanOrEqual(74);
  expect(HOSTILE_URLS.length).toBeGreaterThanOrEqual(30);
});
