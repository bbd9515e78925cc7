import type { OrgId } from '@hooklane/domain';
import type { EventStream, StoredEvent } from '@hooklane/engine';

export interface FakeStream extends EventStream {
  /** Shown to whoever asks for those of the org. */
  readonly events: Array<StoredEvent & { orgId: OrgId }>;
  nextCursor: string | null;
  lastAsked: unknown;
}

export function fakeStream(): FakeStream {
  const stream: FakeStream = {
    events: [],
    nextCursor: null,
    lastAsked: null,
    async read(orgId, filter, page) {
      stream.lastAsked = { filter, page };
      const data = stream.events.filter((event) => event.orgId === orgId);
      return { data, nextCursor: stream.nextCursor, resumeCursor: stream.nextCursor ?? 'later' };
    },
  };
  return stream;
}
