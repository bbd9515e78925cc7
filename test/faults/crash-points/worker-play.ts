import type { CrashPoint } from '../../composition/crash-points.ts';
import { until } from '../../support/until.ts';
import type { Expected, Scene } from './scene.ts';
import { addWebhook, audit, FAILURE_POLICY, newScene, nothingDue, publish } from './scene.ts';
import type { Play, Stage } from './stage.ts';
import { commandRedis, refuseWrites } from './stage.ts';

/**
 * Everything a worker does, in one scene. It is prepared while the worker stands still, so that each call finds work:
 * events for a webhook that refuses each once, for one that is dead and for one that has just been suspended; diverted
 * events that are being sent again; the suspension, to be told to an alert URL; and a queue that lost its data, or that takes
 * nothing any more.
 */
export const playWorker: Play = async (stage, point, name) => {
  const { fleet, victim, redis } = stage;
  const scene = newScene(name, stage);
  await prepare(scene);

  fleet.worker.signal('SIGSTOP');
  const { org } = fleet;
  await org.webhooks.unsuspend(idOf(scene, 'aside'));
  // Told to a queue that takes nothing, what is sent again would have it given up before the relay comes to try it.
  const resendsLater = point.call === 'worker.due.unqueue';
  const resend = () => org.diverted.resendAll(idOf(scene, 'aside'));
  if (!resendsLater) await resend();
  await publish(scene, 'now', 5);
  await org.webhooks.suspend(idOf(scene, 'doomed'));
  if (redis !== null) await spoil(stage, point);
  victim.arm(point);
  fleet.worker.signal('SIGCONT');

  await victim.diesAndIsReplaced(point, fleet.worker);
  if (redis !== null) await refuseWrites(redis, false);
  if (resendsLater) await resend();
  await nothingDue(scene);
  const wrong = async () => [...(await audit(scene, EXPECTED)), ...(await wronglyTold(scene))];
  await until(async () => (await wrong()).length === 0, { what: 'the books to be right' }).catch(() => {});
  return wrong();
};

const EXPECTED: Expected = (role, type) => {
  if (type.endsWith('.early')) return role === 'aside' ? 'delivered' : null;
  return role === 'dead' || role === 'doomed' ? 'diverted' : 'delivered';
};

async function prepare(scene: Scene): Promise<void> {
  const { name, fleet } = scene;
  const now = { events: [`${name}.now`] };
  const alertUrl = `${scene.receiver.url}/${name}/owner`;
  await Promise.all([
    ...['flaky', 'dead'].map((role) => addWebhook(scene, role, now)),
    addWebhook(scene, 'doomed', { ...now, failure_policy: { ...FAILURE_POLICY, alert_url: alertUrl } }),
    addWebhook(scene, 'aside'),
  ]);
  await fleet.org.webhooks.suspend(idOf(scene, 'aside'));
  await publish(scene, 'early', 2);
  await nothingDue(scene);
  // A worker that stands still in the middle of setting aside would hold the lock that `unsuspend` needs.
  await nothingDraining(scene);
}

async function nothingDraining({ pool }: Scene): Promise<void> {
  const settled = async () => (await pool.query('SELECT FROM webhooks WHERE draining LIMIT 1')).rowCount === 0;
  await until(settled, { what: 'suspended webhooks to be drained' });
}

const SUSPENDED = 'hooklane.webhook.suspended';

/** A suspension is an event for the org and one for the owner of the webhook: who told of it before a crash tells nothing twice. */
async function wronglyTold(scene: Scene): Promise<string[]> {
  const { pool, receiver, name } = scene;
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM events WHERE type = $1 AND attributes->>'webhook_id' = $2`,
    [SUSPENDED, idOf(scene, 'doomed')],
  );
  const alerts = receiver.requests.filter(
    ({ path, body }) => path === `/${name}/owner` && JSON.parse(body.toString()).type === SUSPENDED,
  );
  const ids = new Set(alerts.map(({ headers }) => headers['webhook-id']));
  return [
    ...(rows[0]?.count === 2 ? [] : [`the suspension is ${rows[0]?.count} events`]),
    ...(ids.size === 1 ? [] : [`the owner of the webhook was told ${ids.size} times`]),
  ];
}

/** Out of memory only where the worker has to notice that the queue takes nothing; otherwise everything in it is lost. */
async function spoil({ redis, pool }: Stage, { call }: CrashPoint): Promise<void> {
  if (redis === null) return;
  if (call !== 'worker.due.unqueue') return commandRedis(redis.url, (client) => client.flushall());
  await refuseWrites(redis, true);
  const forgotten = async () => {
    const { rowCount } = await pool.query('SELECT FROM delivery_due WHERE enqueued_until > now() LIMIT 1');
    return rowCount === 0;
  };
  await until(forgotten, { what: 'the relay to trust the queue no longer' });
}

function idOf(scene: Scene, role: string): string {
  const webhook = scene.webhooks.get(role);
  if (webhook === undefined) throw new Error(`The scene has no webhook ${role}`);
  return webhook.id;
}
