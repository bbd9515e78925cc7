import { Webhook } from 'standardwebhooks';
import type { ReceivedRequest } from '../support/receiver.ts';
import type { Model, ModelWebhook } from './model.ts';
import type { Scene } from './scene.ts';
import { uuidOf } from './system.ts';

/** Each request that came since the last time: a known event, the bytes that were published, a signature of its webhook. */
export function checkRequests(model: Model, scene: Scene): void {
  for (const webhook of model.webhooks) {
    const all = scene.system.receivers.requestsAt(webhook.path);
    for (const request of all.slice(scene.checked.get(webhook.path) ?? 0)) {
      const wrong = wrongWith(request, model, webhook);
      if (wrong !== null) throw new Error(`${webhook.name} got a request ${wrong}`);
    }
    scene.checked.set(webhook.path, all.length);
  }
}

function wrongWith({ headers, body }: ReceivedRequest, model: Model, webhook: ModelWebhook): string | null {
  const id = String(headers['webhook-id']);
  const name = model.eventNamed(uuidOf('evt', id));
  if (name === undefined) return `with the unknown id ${id}`;
  const payload = model.event(name).payload;
  if (body.toString() !== payload) return `for ${name} with other bytes than were published`;
  const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
  // By an implementation of its own; `verify` would take offence at a clock that is days ahead.
  const signature = new Webhook(webhook.secret).sign(id, sentAt, payload);
  return headers['webhook-signature'] === signature ? null : `for ${name} with a wrong signature`;
}
