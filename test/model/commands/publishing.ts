import type { PublishedEvent } from '@hooklane/client';
import type { Model, ModelEvent, ModelWebhook } from '../model.ts';
import { fits, wants } from '../model.ts';
import { DAY_MS, uuidOf } from '../system.ts';
import type { Range, World } from '../world.ts';
import { newDelivery, plus } from '../world.ts';
import type { Act, Answer, Asking, Outcome } from './acts.ts';
import { answerOf, inWords } from './acts.ts';

type Publication = Pick<ModelEvent, 'type' | 'payload' | 'key'>;

/** How long a producer may repeat itself. */
const KEY_REMEMBERED: Range = { min: 2 * DAY_MS, max: 2 * DAY_MS };

/** Publishes an event; with the key of a `known` one it must be taken for that one as long as its key is remembered. */
export function publishing(publication: Publication, known: ModelEvent | null): Act {
  return {
    concerns: () => true,
    ask: (asking) => ask(asking, publication, known),
  };
}

async function ask(asking: Asking, publication: Publication, known: ModelEvent | null): Promise<Outcome> {
  const { model, scene, alone } = asking;
  const { type, payload, key } = publication;
  const asked = model.now();
  const answer = await answerOf(scene.org.api.events.publish({ type, rawPayload: payload }, { idempotencyKey: key }));
  const now = { min: asked.min, max: model.now().max };
  if (answer.is === 'done' && answer.value.id !== known?.id) {
    if (known !== null && known.keyExpires.min > now.max)
      throw new Error(`${known.name} was published twice with one key`);
    const event = note(model, publication, { published: answer.value, now });
    if (alone) checkCount(model, event);
    return { answer: inWords(answer), follow: (world, { webhook }) => [accepted(world, { webhook, event, now })] };
  }
  checkRepeated(answer, { publication, known, now });
  return { answer: inWords(answer), follow: (world) => [world] };
}

function note(model: Model, publication: Publication, { published, now }: { published: PublishedEvent; now: Range }) {
  const { id, deliveries } = published;
  const name = `e${model.events.size + 1}`;
  const keyExpires = plus(now, KEY_REMEMBERED);
  const event = { ...publication, name, id, uuid: uuidOf('evt', id), deliveries, keyExpires, kept: true };
  model.events.set(name, event);
  return event;
}

function checkCount(model: Model, { name, type, deliveries }: ModelEvent): void {
  const wanted = model.webhooks.filter((webhook) => wants(webhook, type)).length;
  if (wanted !== deliveries) throw new Error(`${name} is for ${wanted} webhooks, and the API says ${deliveries}`);
}

function accepted(world: World, about: { webhook: ModelWebhook; event: ModelEvent; now: Range }): World {
  const { webhook, event, now } = about;
  if (!fits(webhook, event.type) || !world.enabled || world.deleted !== null) return world;
  return { ...world, deliveries: { ...world.deliveries, [event.name]: newDelivery(now) } };
}

/** The answer that was given before, or a refusal because the body is another one. */
function checkRepeated(
  answer: Answer<PublishedEvent>,
  about: { publication: Publication; known: ModelEvent | null; now: Range },
): void {
  const { publication, known, now } = about;
  if (known === null) throw new Error(`an event with a new key was answered ${inWords(answer)}`);
  if (known.keyExpires.max < now.min) throw new Error(`the key of ${known.name} is remembered for too long`);
  const isSame = publication.payload === known.payload;
  const expected = isSame ? `202 ${known.id} ${known.deliveries}` : 'idempotency_conflict';
  const given = answer.is === 'done' ? `202 ${answer.value.id} ${answer.value.deliveries}` : answer.code;
  if (given !== expected) throw new Error(`${known.name} again was answered ${given}, not ${expected}`);
}
