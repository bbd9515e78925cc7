import type { Accepted, AcceptVerdict, EventDraft, EventStore } from '@hooklane/engine';

export interface FakeEvents extends EventStore {
  readonly drafts: EventDraft[];
  /** Thrown by the next accepts. */
  failure: Error | null;
}

export function fakeEvents(): FakeEvents {
  const answers = new Map<string, { hash: Buffer; accepted: Accepted }>();
  const events: FakeEvents = {
    drafts: [],
    failure: null,
    async accept(draft) {
      if (events.failure) throw events.failure;
      const repeated = answerTo(draft);
      if (repeated === null) events.drafts.push(draft);
      return repeated ?? { kind: 'stored' };
    },
    async answered({ orgId, idempotency }) {
      const answer = answers.get(`${orgId} ${idempotency?.key}`);
      if (answer === undefined) return null;
      const isSame = idempotency?.requestHash.equals(answer.hash);
      return isSame ? { kind: 'repeated', accepted: answer.accepted } : { kind: 'conflict' };
    },
  };

  function answerTo({ publication: { orgId, idempotency }, ...draft }: EventDraft): AcceptVerdict | null {
    if (idempotency === null) return null;
    const key = `${orgId} ${idempotency.key}`;
    const answer = answers.get(key);
    if (answer === undefined) {
      const accepted = { eventId: draft.eventId, deliveries: draft.deliveries.length };
      answers.set(key, { hash: idempotency.requestHash, accepted });
      return null;
    }
    const isSame = idempotency.requestHash.equals(answer.hash);
    return isSame ? { kind: 'repeated', accepted: answer.accepted } : { kind: 'conflict' };
  }

  return events;
}
