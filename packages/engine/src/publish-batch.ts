import type { OrgId } from '@hooklane/domain';
import type { EventDraft, Publication, Published, PublishPorts } from './publish-event.ts';
import { announce, changesTooFast, MATCH_TRIES, storeEvent } from './publish-event.ts';

/** What became of one event of a batch. */
export type BatchOutcome = { kind: 'accepted'; published: Published } | { kind: 'failed'; error: unknown };

/**
 * Accepts each of an org's events by itself: one that is refused or fails says nothing about the others. When this
 * resolves, every one of them is committed or has failed; the outcomes are in the order of the events. They go to the
 * store together, which makes few transactions of them.
 */
export async function publishBatch(
  ports: PublishPorts,
  orgId: OrgId,
  publications: readonly Publication[],
): Promise<BatchOutcome[]> {
  const outcomes = new Map<Publication, BatchOutcome>();
  let open = publications;
  for (let attempt = 0; open.length > 0 && attempt < MATCH_TRIES; attempt++) {
    const results = await storeAll(ports, open, () => ports.subscriptions.of(orgId, attempt > 0));
    for (const [publication, result] of results) {
      if (result !== 'stale') outcomes.set(publication, result);
    }
    open = open.filter((publication) => !outcomes.has(publication));
  }
  return publications.map((publication) => outcomes.get(publication) ?? { kind: 'failed', error: changesTooFast() });
}

async function storeAll(
  ports: PublishPorts,
  publications: readonly Publication[],
  loadOrg: () => ReturnType<PublishPorts['subscriptions']['of']>,
): Promise<Map<Publication, BatchOutcome | 'stale'>> {
  const results = new Map<Publication, BatchOutcome | 'stale'>();
  const org = loadOrg();
  const stored: EventDraft[] = [];
  const store = async (publication: Publication) => {
    const result = await storeEvent(ports, await org, publication);
    if (result === 'stale') return result;
    if (result.draft !== null) stored.push(result.draft);
    return { kind: 'accepted', published: result.published } as const;
  };
  await Promise.all(
    publications.map((publication) =>
      store(publication).then(
        (result) => results.set(publication, result),
        (error: unknown) => results.set(publication, { kind: 'failed', error }),
      ),
    ),
  );
  announce(ports, stored);
  return results;
}
