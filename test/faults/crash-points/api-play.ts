import { HooklaneConnectionError } from '@hooklane/client';
import type { CrashPoint } from '../../composition/crash-points.ts';
import { until } from '../../support/until.ts';
import type { Act } from './api-acts.ts';
import { ACTS } from './api-acts.ts';
import type { Expected } from './scene.ts';
import { addWebhook, audit, newScene, nothingDue, publish } from './scene.ts';
import type { Play } from './stage.ts';
import { refuseWrites } from './stage.ts';

/**
 * Producers publish, and publish again with the same id until they are answered, while the API dies in what somebody
 * asks of it. What was asked is then done or not done, never half; asking again does it.
 */
export const playApi: Play = async (stage, point, name) => {
  const { fleet, victim, redis } = stage;
  const scene = newScene(name, stage);
  await addWebhook(scene, 'flaky');
  await addWebhook(scene, 'plain');
  const act = actOf(point);
  const asked = await act.prepare?.(scene);
  const mayRefuse = point.call === 'api.due.unqueue' && redis !== null;

  if (mayRefuse) await refuseWrites(redis, true);
  victim.arm(point);
  const asking = unlessCutOff(act.ask(scene, asked));
  const [replaced, answered, published] = await Promise.allSettled([
    victim.diesAndIsReplaced(point, fleet.api),
    asking,
    publish(scene, 'now', 5),
  ]);
  for (const outcome of [replaced, answered, published]) if (outcome.status === 'rejected') throw outcome.reason;
  const answer = await asking;
  if (mayRefuse) await refuseWrites(redis, false);

  const wrong = await act.wrong(scene, { asked, answer, done: point.when === 'after' });
  await nothingDue(scene);
  const expected: Expected = act.expected ?? (() => 'delivered');
  await until(async () => (await audit(scene, expected)).length === 0, { what: 'the books to be right' }).catch(
    () => {},
  );
  return [...wrong, ...(await audit(scene, expected))];
};

function actOf({ call }: CrashPoint): Act {
  const act = ACTS[call];
  if (act === undefined) throw new Error(`Nobody says how ${call} is reached`);
  return act;
}

/** A call that may not be repeated ends with the connection; all others are made again until they are answered. */
async function unlessCutOff<T>(asking: Promise<T>): Promise<T | 'cut off'> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof HooklaneConnectionError) return 'cut off';
    throw error;
  }
}
