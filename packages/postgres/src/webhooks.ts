import type { OrgId } from '@hooklane/domain';
import { isStorableText } from '@hooklane/domain';
import type {
  NewWebhook,
  Page,
  PageRequest,
  Webhook,
  WebhookFilter,
  WebhookLimits,
  WebhookStore,
} from '@hooklane/engine';
import { webhookCreated } from '@hooklane/engine';
import { z } from 'zod';
import { noteChange } from './audit.ts';
import { readCursor, timestampOf, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { lockWebhookSet, raiseConfigVersion } from './org-locks.ts';
import type { SecretBox } from './secret-box.ts';
import { changeSettings, deleteWebhook, suspend, unsuspend } from './webhook-changes.ts';
import { refuseBeyondLimit, refuseCrowdedHost, refuseDuplicate } from './webhook-limits.ts';
import type { WebhookContext, WebhookRow } from './webhook-rows.ts';
import { readWebhook, SETTINGS_COLUMNS, selectWebhooks, settingsValues, toWebhook } from './webhook-rows.ts';
import { expireSecret, insertSecret, rotateSecret } from './webhook-secrets.ts';

/** Webhooks. In what order their changes take locks: see {@link lockWebhookSet}. */
export function createWebhookStore(database: Database, box: SecretBox): WebhookStore {
  const context = { database, box };
  return {
    create: (webhook, limits) => create(context, webhook, limits),
    get: (orgId, id) => readWebhook(database.pool, box, { orgId, id }),
    list: (orgId, filter, page) => list(context, { orgId, filter }, page),
    change: (webhook, decide, limits) => changeSettings(context, webhook, { decide, ...limits }),
    delete: (webhook, check) => deleteWebhook(context, webhook, check),
    suspend: (webhook, reason) => suspend(context, webhook, reason),
    unsuspend: (webhook) => unsuspend(context, webhook),
    rotateSecret: (webhook, rotation) => rotateSecret(context, webhook, rotation),
    expireSecret: (webhook, id, check) => expireSecret(context, webhook, { id, check }),
  };
}

function create(
  { database, box }: WebhookContext,
  { id, orgId, settings, secret, by }: NewWebhook,
  limits: WebhookLimits,
): Promise<Webhook> {
  const key = { orgId, id };
  return database.transaction(async (client) => {
    await lockWebhookSet(client, orgId);
    await refuseBeyondLimit(client, orgId, limits.webhooksPerOrg);
    await refuseCrowdedHost(client, { ...key, url: settings.url }, limits.webhooksPerHost);
    await refuseDuplicate(client, key, settings.url);
    await client.query(INSERT, [orgId, id, ...settingsValues(box, key, settings)]);
    if (secret !== null) await insertSecret(client, { box, key }, secret);
    await noteChange(client, webhookCreated({ ...key, by }, settings));
    await raiseConfigVersion(client, orgId);
    const created = await readWebhook(client, box, key);
    if (created === null) throw new TypeError('an inserted webhook cannot be read');
    return created;
  });
}

const INSERT = `
  INSERT INTO webhooks (org_id, id, ${SETTINGS_COLUMNS.join(', ')})
  VALUES ($1, $2, ${SETTINGS_COLUMNS.map((_, n) => `$${n + 3}`).join(', ')})`;

/** Keys of a page's last row, and the columns they are compared with. */
const SORTS = {
  name: {
    column: 'name',
    key: z.tuple([z.string().refine(isStorableText), z.guid()]),
    position: '$7::text',
    keyOf: (row: WebhookRow) => [row.name, row.id],
  },
  created_at: {
    column: 'created_at',
    key: z.tuple([z.int(), z.guid()]),
    position: timestampOf('$7'),
    keyOf: (row: WebhookRow) => [row.created_micros, row.id],
  },
};

async function list(
  { database, box }: WebhookContext,
  { orgId, filter }: { orgId: OrgId; filter: WebhookFilter },
  { limit, cursor }: PageRequest,
): Promise<Page<Webhook>> {
  const sort = SORTS[filter.sort];
  const after = readCursor<[string | number, string]>(sort.key, cursor);
  const [direction, comparison] = filter.direction === 'asc' ? ['ASC', '>'] : ['DESC', '<'];
  const { rows } = await database.pool.query<WebhookRow>(
    `WITH page AS MATERIALIZED (
       SELECT * FROM webhooks
       WHERE org_id = $1 AND deleted_at IS NULL
         AND ($2::text IS NULL OR name = $2)
         AND ($3::boolean IS NULL OR enabled = $3)
         AND ($4::boolean IS NULL OR (suspended_at IS NOT NULL) = $4)
         AND ($5::boolean IS NULL OR (enabled AND suspended_at IS NULL) = $5)
         AND ($6::text[] IS NULL OR events && $6)
         AND ($8::uuid IS NULL OR (${sort.column}, id) ${comparison} (${sort.position}, $8))
       ORDER BY ${sort.column} ${direction}, id ${direction} LIMIT $9
     )
     ${selectWebhooks('page')}
     ORDER BY w.${sort.column} ${direction}, w.id ${direction}`,
    [
      orgId,
      filter.name,
      filter.enabled,
      filter.suspended,
      filter.active,
      filter.eventTypes,
      ...(after ?? [null, null]),
      limit + 1,
    ],
  );
  return toPage(rows, limit, { keyOf: sort.keyOf, view: (row) => toWebhook(row, box) });
}
