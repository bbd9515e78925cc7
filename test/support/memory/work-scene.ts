import type { FailurePolicy, OrgId, WebhookId } from '@hooklane/domain';
import type { Claim, DueRef, EventDraft, IdFactory, Publication } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import type { WorkTimes } from './work-rows.ts';
import type { MemoryWorkWorld } from './work-world.ts';
import { createMemoryWorkWorld } from './work-world.ts';

/** An org in a world of its own, and short ways to have work in it. */
export class WorkScene {
  readonly world: MemoryWorkWorld;
  readonly orgId: OrgId;
  readonly ids: IdFactory = createIdFactory();

  private constructor(world: MemoryWorkWorld, orgId: OrgId) {
    this.world = world;
    this.orgId = orgId;
  }

  static async open(times: Partial<WorkTimes> = {}): Promise<WorkScene> {
    const world = createMemoryWorkWorld(times);
    return new WorkScene(world, await world.newOrg());
  }

  newWebhook(policy?: FailurePolicy): Promise<WebhookId> {
    return this.world.newWebhook(this.orgId, policy);
  }

  publication(changed: Partial<Publication> = {}): Publication {
    return {
      orgId: this.orgId,
      type: 'invoice.paid',
      payload: Buffer.from('{"amount": 1.0}'),
      attributes: {},
      externalId: null,
      occurredAt: null,
      requestId: 'req_1',
      idempotency: null,
      ...changed,
    };
  }

  /** An event that is due for one webhook. */
  async due(webhookId: WebhookId, changed: Partial<EventDraft> = {}): Promise<DueRef> {
    const deliveryId = this.ids.next('dlv');
    await this.world.events.accept({
      publication: this.publication(),
      eventId: this.ids.next('evt'),
      deliveries: [{ deliveryId, webhookId }],
      origin: 'event',
      configVersion: null,
      queued: false,
      ...changed,
    });
    return { deliveryId, webhookId, attempt: 1 };
  }

  async dueTimes(count: number, webhookId: WebhookId): Promise<DueRef[]> {
    const refs: DueRef[] = [];
    for (let i = 0; i < count; i++) refs.push(await this.due(webhookId));
    return refs;
  }

  async claimed(ref: DueRef): Promise<Claim> {
    const claim = await this.world.due.claim(ref);
    if (claim === null) throw new Error('There is nothing to claim.');
    return claim;
  }

  /** How many deliveries are not at their end. */
  get undone(): number {
    return this.world.rows.due.size;
  }
}
