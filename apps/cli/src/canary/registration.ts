import { hkdfSync } from 'node:crypto';
import type { Client, OrgClient, Webhook, WebhookPatch } from '@hooklane/client';
import { HooklaneError } from '@hooklane/client';

/** What the canary wants to find registered. */
export interface Wanted {
  url: string;
  /** `whsec_…` */
  secret: string;
}

/** What had to be put right. */
export type Mend = 'created' | 'url' | 'secret' | 'unsuspended';

export interface Registered {
  webhook: Webhook;
  mended: readonly Mend[];
  /** Why nothing is sent to it for now, although the canary left nothing undone. */
  held: string | null;
}

export const BEAT = 'canary.beat';
const NAME = 'hooklane canary';

/**
 * The same secret after every restart, so that none has to be kept: it follows from the key and the org. 48 bytes, because
 * then the hint, the last four characters, is of the secret and has no padding.
 */
export function secretOf(key: string, org: string): string {
  return `whsec_${Buffer.from(hkdfSync('sha256', key, '', `${NAME} ${org}`, 48)).toString('base64')}`;
}

/**
 * Finds the webhook by its name, or makes it, and puts right what differs. Called before every beat: a webhook that was
 * deleted, suspended by the system or given another secret costs a beat, and not a person. What a person did to it on
 * purpose (suspended by hand, paused, disabled) stays.
 */
export async function keepRegistered(client: Client, slug: string, wanted: Wanted): Promise<Registered> {
  const org = client.org(slug);
  const found = await find(client, org);
  if (found === undefined) {
    const webhook = await org.webhooks.create({ ...OWN, name: NAME, url: wanted.url, secret: wanted.secret });
    return { webhook, mended: ['created'], held: heldBy(webhook) };
  }
  const mended = mendsOf(found, wanted);
  let webhook = found;
  for (const mend of mended) webhook = await MENDING[mend](org, found.id, wanted);
  return { webhook, mended, held: heldBy(webhook) };
}

/** What differs from what is wanted and may be mended without asking. */
export function mendsOf(webhook: Webhook, { url, secret }: Wanted): Exclude<Mend, 'created'>[] {
  const mends: Exclude<Mend, 'created'>[] = [];
  if (webhook.url !== new URL(url).href) mends.push('url');
  if (!webhook.signing || webhook.secret_hint !== secret.slice(-4)) mends.push('secret');
  if (webhook.suspended !== null && webhook.suspended.reason !== 'manual') mends.push('unsuspended');
  return mends;
}

export function heldBy({
  enabled,
  suspended,
  paused,
}: Pick<Webhook, 'enabled' | 'suspended' | 'paused'>): string | null {
  if (!enabled) return 'the webhook is disabled';
  if (suspended !== null) return `the webhook is suspended (${suspended.reason})`;
  return paused === null ? null : `deliveries are paused (${paused.scope})`;
}

/** A beat that fails is not made again, the next one tells more; nor kept, nobody would send it again. */
const OWN = {
  description: 'Made by hooklane canary. See docs/operations/canary.md.',
  events: [BEAT],
  ping: false,
  failure_policy: { retry: { kind: 'none' }, divert: false },
} as const;

type Mending = (org: OrgClient, id: string, wanted: Wanted) => Promise<Webhook>;

const MENDING: Readonly<Record<Exclude<Mend, 'created'>, Mending>> = {
  url: ({ webhooks }, id, { url }) => webhooks.update(id, { url } satisfies WebhookPatch),
  // Without an overlap: what somebody else may know is to sign no longer.
  secret: async ({ webhooks }, id, { secret }) => {
    await webhooks.rotateSecret(id, { secret, overlap_seconds: 0 });
    return webhooks.update(id, { signing: true });
  },
  unsuspended: ({ webhooks }, id) => webhooks.unsuspend(id),
};

/** The oldest of its name: where an answer was lost there may be another, and all restarts must find the same. */
async function find(client: Client, org: OrgClient): Promise<Webhook | undefined> {
  const query = { name: NAME, sort: 'created_at', direction: 'asc', limit: 100 } as const;
  try {
    const { data } = await org.webhooks.list(query);
    return data.find(({ name }) => name === NAME);
  } catch (error) {
    if (!(error instanceof HooklaneError && error.status === 404)) throw error;
    await makeOrg(client, org.slug, error);
    return undefined;
  }
}

/** Only the operator can. To every other key an org that is not there and one of somebody else look the same. */
async function makeOrg(client: Client, slug: string, notFound: HooklaneError): Promise<void> {
  try {
    await client.orgs.create({ slug, name: NAME });
  } catch (error) {
    if (!(error instanceof HooklaneError)) throw error;
    // Another canary was faster.
    if (error.code === 'slug_taken') return;
    throw error.status === 401 || error.status === 403 ? notFound : error;
  }
}
