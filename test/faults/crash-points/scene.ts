import type { CreatedWebhook, DeliveryState, NewWebhook } from '@hooklane/client';
import { HooklaneConnectionError, HooklaneError } from '@hooklane/client';
import type { Pool } from 'pg';
import type { Fleet } from '../../support/fleet.ts';
import type { Receiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

/** What one crash is played on: webhooks, event types and receiver paths of its own, so that it can be checked alone. */
export interface Scene {
  readonly name: string;
  readonly fleet: Fleet;
  readonly pool: Pool;
  readonly receiver: Receiver;
  /** Webhooks by role; the path of each ends in its role, which is also how the receiver behaves. */
  readonly webhooks: Map<string, CreatedWebhook>;
  /** What producers were told: their own id of each event → ours. */
  readonly acknowledged: Map<string, string>;
}

export function newScene(name: string, stage: Pick<Scene, 'fleet' | 'pool' | 'receiver'>): Scene {
  return { ...stage, name, webhooks: new Map(), acknowledged: new Map() };
}

export const FAILURE_POLICY = {
  retry: { kind: 'linear', interval_ms: 50, cap_ms: 50, max_attempts: 2 },
  suspend: null,
} as const;

export async function addWebhook(scene: Scene, role: string, changes: Partial<NewWebhook> = {}): Promise<string> {
  const { name, fleet, receiver, webhooks } = scene;
  const webhook = await fleet.org.webhooks.create({
    url: `${receiver.url}/${name}/${role}`,
    name: `${name} ${role}`,
    events: [`${name}.*`],
    ping: false,
    timeout_ms: 1_000,
    failure_policy: FAILURE_POLICY,
    ...changes,
  });
  webhooks.set(role, webhook);
  return webhook.id;
}

/** Publishes events, each with an id of its own, again and again until it is acknowledged. */
export async function publish(scene: Scene, type: string, count: number): Promise<void> {
  const { name, fleet, acknowledged } = scene;
  const publishing = Array.from({ length: count }, async () => {
    const id = `${name}-${acknowledged.size}-${Math.random().toString(36).slice(2)}`;
    const event = { id, type: `${name}.${type}`, payload: { id } };
    const published = await patiently(() => fleet.org.events.publish(event));
    acknowledged.set(id, published.id);
  });
  await Promise.all(publishing);
}

/** Asks again at once whenever there is no answer: the pauses of the client would be most of a test's time. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const answered = async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      const isAway =
        error instanceof HooklaneConnectionError || (error instanceof HooklaneError && error.status === 503);
      if (isAway) return null;
      throw error;
    }
  };
  return (await until(answered, { what: 'an answer', timeoutMs: 60_000 })).answer;
}

/** The role `flaky` refuses the first request of each event, `dead` all of them; all others accept. */
export function behaveByRole(receiver: Receiver): void {
  const seen = new Set<string>();
  receiver.answer(({ path, headers }) => {
    const once = `${path} ${headers['webhook-id']}`;
    const first = !seen.has(once);
    seen.add(once);
    if (path.endsWith('/dead') || (path.endsWith('/flaky') && first)) return { status: 500 };
    return { status: 200 };
  });
}

export async function nothingDue({ pool, name }: Scene): Promise<void> {
  const due = async () => {
    const { rowCount } = await pool.query(
      'SELECT FROM delivery_due d JOIN webhooks w ON w.id = d.webhook_id WHERE starts_with(w.name, $1) LIMIT 1',
      [`${name} `],
    );
    return rowCount === 0;
  };
  await until(due, { what: `nothing to be due for ${name}`, timeoutMs: 60_000 });
}

interface DeliveryRow {
  external_id: string;
  role: string;
  type: string;
  state: DeliveryState;
  attempts: number;
  logged: number;
  accepted: number;
  diverted: number;
}

/** How a delivery must have ended; null: there must be none. */
export type Expected = (role: string, type: string) => DeliveryState | null;

/** Everything that is wrong with what Postgres and the receiver know in the end. */
export async function audit(scene: Scene, expected: Expected): Promise<string[]> {
  const { pool, name } = scene;
  const events = await pool.query<{ external_id: string; count: number }>(
    'SELECT external_id, count(*)::int AS count FROM events WHERE starts_with(type, $1) GROUP BY 1',
    [`${name}.`],
  );
  const { rows } = await pool.query<DeliveryRow>(DELIVERIES, [`${name}.`, name.length + 2]);
  const stored = new Set(events.rows.map((row) => row.external_id));
  return [
    ...[...scene.acknowledged.keys()].filter((id) => !stored.has(id)).map((id) => `${id} was acknowledged and is lost`),
    ...events.rows.filter((row) => row.count > 1).map((row) => `${row.external_id} exists ${row.count} times`),
    ...missingDeliveries(scene, rows, expected),
    ...rows.flatMap((row) => wrongWith(scene, row, expected)),
  ];
}

const DELIVERIES = `
  SELECT e.external_id, substr(w.name, $2) AS role, e.type, d.state, d.attempts,
    (SELECT count(*)::int FROM attempts a WHERE a.webhook_id = d.webhook_id AND a.delivery_id = d.id) AS logged,
    (SELECT count(*)::int FROM attempts a WHERE a.webhook_id = d.webhook_id AND a.delivery_id = d.id AND a.outcome = 'accepted') AS accepted,
    (SELECT count(*)::int FROM diverted_events x WHERE x.delivery_id = d.id) AS diverted
  FROM events e JOIN deliveries d ON d.event_id = e.id JOIN webhooks w ON w.id = d.webhook_id
  WHERE starts_with(e.type, $1)`;

function missingDeliveries(scene: Scene, rows: DeliveryRow[], expected: Expected): string[] {
  const present = new Set(rows.map((row) => `${row.external_id} for ${row.role}`));
  if (present.size < rows.length) return ['an event has two deliveries for one webhook'];
  const types = new Map(rows.map((row) => [row.external_id, row.type]));
  return [...scene.acknowledged.keys()]
    .flatMap((id) => [...scene.webhooks.keys()].map((role) => ({ id, role, type: types.get(id) ?? '' })))
    .filter(({ id, role, type }) => expected(role, type) !== null && !present.has(`${id} for ${role}`))
    .map(({ id, role }) => `${id} for ${role} has no delivery`);
}

function wrongWith(scene: Scene, row: DeliveryRow, expected: Expected): string[] {
  const { external_id: id, role, state } = row;
  const wrong: string[] = [];
  const wanted = expected(role, row.type);
  if (state !== wanted) wrong.push(`is ${state}, not ${wanted}`);
  if (row.diverted !== (state === 'diverted' ? 1 : 0)) wrong.push(`is ${state} with ${row.diverted} diverted events`);
  if (row.attempts !== row.logged) wrong.push(`counts ${row.attempts} attempts and has logged ${row.logged}`);
  if (row.accepted !== (state === 'delivered' ? 1 : 0))
    wrong.push(`is ${state} with ${row.accepted} accepted attempts`);
  const made = requestsOf(scene, role, id);
  if (row.logged > made) wrong.push(`has logged ${row.logged} attempts, but ${made} arrived`);
  return wrong.map((what) => `${id} for ${role} ${what}`);
}

function requestsOf({ receiver, name, acknowledged }: Scene, role: string, id: string): number {
  const path = `/${name}/${role}`;
  const eventId = acknowledged.get(id);
  return receiver.requests.filter((request) => request.path === path && request.headers['webhook-id'] === eventId)
    .length;
}
