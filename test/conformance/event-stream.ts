import type { EventFilter, EventStore, EventStream, Publication, StoredEvent } from '@hooklane/engine';
import { createIdFactory, EVENT_PAGE_BYTES } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

type OrgId = Publication['orgId'];

export interface StreamWorld extends AsyncDisposable {
  events: EventStore;
  stream: EventStream;
  newOrg(): Promise<OrgId>;
  /** Makes everything that was accepted that much older. */
  passTime(ms: number): Promise<void>;
  /** Resolves when nothing keeps back what was accepted. */
  settle(): Promise<void>;
}

const ids = createIdFactory();
const MINUTE = 60_000;

/** The promises of EventStream, kept by every implementation. What commits late is for Postgres alone to show. */
export function describeEventStream(name: string, makeWorld: () => Promise<StreamWorld>): void {
  describe(`the stream of events (${name})`, () => {
    let world: StreamWorld;
    let orgId: OrgId;

    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world[Symbol.asyncDispose]());
    beforeEach(async () => {
      orgId = await world.newOrg();
    });

    async function accept(changes: Partial<Publication> = {}, schemaVersion: number | null = null): Promise<string> {
      const publication = { ...PLAIN, orgId, ...changes };
      const draft = {
        eventId: ids.next('evt'),
        deliveries: [],
        origin: 'event',
        queued: false,
        schemaVersion,
      } as const;
      expect(await world.events.accept({ ...draft, publication, configVersion: null })).toEqual({ kind: 'stored' });
      await world.settle();
      return draft.eventId;
    }

    async function all(filter: EventFilter = {}, limit = 100): Promise<string[]> {
      const found: StoredEvent[] = [];
      for (let cursor: string | null = null; ; ) {
        const page = await world.stream.read(orgId, filter, { limit, cursor });
        found.push(...page.data);
        cursor = page.nextCursor;
        if (cursor === null) return found.map((event) => event.id);
      }
    }

    it('shows an event as it was published, byte for byte', async () => {
      const told = {
        type: 'invoice.paid',
        payload: Buffer.from('{ "b":1.0, "a":"\\u0000", "b":2 }'),
        attributes: { region: 'eu' },
        externalId: 'inv-1',
        occurredAt: new Date('2020-01-02T03:04:05.006Z'),
        requestId: 'req-of-mine',
      };
      const id = await accept(told, 3);
      const { data } = await world.stream.read(orgId, {}, { limit: 10, cursor: null });
      expect(data).toEqual([{ id, ...told, schemaVersion: 3, createdAt: expect.any(Date) }]);
    });

    it('shows each event once, in the order they were accepted, page by page', async () => {
      const accepted: string[] = [];
      for (let n = 0; n < 7; n++) accepted.push(await accept());
      expect(await all({}, 3)).toEqual(accepted);
      expect(await all({}, 7)).toEqual(accepted);
    });

    it('shows nothing of other orgs', async () => {
      await accept({ requestId: 'same', externalId: 'same' });
      orgId = await world.newOrg();
      expect(await all()).toEqual([]);
      expect(await all({ requestId: 'same' })).toEqual([]);
      expect(await all({ externalId: 'same' })).toEqual([]);
    });

    it('goes on from the cursor for later with what was accepted since, and nothing else', async () => {
      let { resumeCursor } = await world.stream.read(orgId, {}, { limit: 2, cursor: null });
      for (let turn = 0; turn < 3; turn++) {
        const accepted = [await accept(), await accept()];
        const page = await world.stream.read(orgId, {}, { limit: 2, cursor: resumeCursor });
        expect(page.data.map((event) => event.id)).toEqual(accepted);
        expect(page.nextCursor).toBeNull();
        resumeCursor = page.resumeCursor;
      }
      const page = await world.stream.read(orgId, {}, { limit: 2, cursor: resumeCursor });
      expect(page).toMatchObject({ data: [], nextCursor: null });
    });

    it('finds by type and by pattern', async () => {
      const paid = await accept({ type: 'invoice.paid' });
      const line = await accept({ type: 'invoice.line.added' });
      const bare = await accept({ type: 'invoice' });
      const similar = await accept({ type: 'invoices.paid' });
      const everything = [paid, line, bare, similar];
      expect(await all({ types: ['invoice.paid'] })).toEqual([paid]);
      expect(await all({ types: ['invoice.*'] })).toEqual([paid, line]);
      expect(await all({ types: ['invoice.line.*', 'invoice'] })).toEqual([line, bare]);
      expect(await all({ types: ['*', 'nothing'] })).toEqual(everything);
      expect(await all({ types: ['nothing', 'no.*'] })).toEqual([]);
    });

    it('finds by time: from the first moment on, up to the last but without it', async () => {
      const old = await accept();
      await world.passTime(10 * MINUTE);
      const middle = await accept();
      await world.passTime(10 * MINUTE);
      const young = await accept();
      const { data } = await world.stream.read(orgId, {}, { limit: 10, cursor: null });
      const [first = new Date(0), second = new Date(0)] = data.map((event) => event.createdAt);
      const later = (date: Date) => new Date(date.getTime() + MINUTE);
      expect(await all({ since: later(first) })).toEqual([middle, young]);
      expect(await all({ until: later(first) })).toEqual([old]);
      expect(await all({ since: later(first), until: later(second) })).toEqual([middle]);
      expect(await all({ since: new Date(0), until: later(second) }, 1)).toEqual([old, middle]);
      expect(await all({ since: later(second), until: later(first) })).toEqual([]);
      expect(await all({ since: new Date(Date.UTC(9999, 11, 31)) })).toEqual([]);
      expect(await all({ until: new Date(0) })).toEqual([]);
      expect(await all({ until: new Date(Date.UTC(9999, 11, 31)) })).toEqual([old, middle, young]);
    });

    it('finds what one request published, and what has an id of the producer', async () => {
      const [one, two] = [await accept({ requestId: 'r1' }), await accept({ requestId: 'r1', externalId: 'x' })];
      const three = await accept({ requestId: 'r2', externalId: 'x' });
      expect(await all({ requestId: 'r1' }, 1)).toEqual([one, two]);
      expect(await all({ externalId: 'x' }, 1)).toEqual([two, three]);
      expect(await all({ externalId: 'x', requestId: 'r1' })).toEqual([two]);
      expect(await all({ externalId: 'y' })).toEqual([]);
    });

    it('ends a page where payloads are enough, and goes on with the next', async () => {
      const payload = Buffer.from(`"${'x'.repeat(EVENT_PAGE_BYTES / 2 - 2)}"`);
      const accepted = [await accept({ payload }), await accept({ payload }), await accept({ payload })];
      const page = await world.stream.read(orgId, {}, { limit: 10, cursor: null });
      expect(page.data.map((event) => event.id)).toEqual(accepted.slice(0, 2));
      expect(page.nextCursor).not.toBeNull();
      expect(await all()).toEqual(accepted);
    });

    it('gives out one event that is larger than a page', async () => {
      const payload = Buffer.from(`"${'x'.repeat(EVENT_PAGE_BYTES)}"`);
      const accepted = [await accept({ payload }), await accept()];
      expect(await all()).toEqual(accepted);
    });

    it.each(['nonsense', '', 'WzEsMl0', Buffer.from('["1"]').toString('base64url')])(
      'refuses %j as a cursor',
      async (cursor) => {
        const reading = world.stream.read(orgId, {}, { limit: 10, cursor });
        await expect(reading).rejects.toMatchObject({ code: 'invalid_cursor' });
      },
    );
  });
}

const PLAIN = {
  type: 'order.made',
  payload: Buffer.from('1'),
  attributes: {},
  externalId: null,
  occurredAt: null,
  requestId: 'req_1',
  idempotency: null,
} as const;
