import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answered, Asking } from './asking.ts';
import { openAsking } from './asking.ts';
import type { Described } from './described.ts';
import { OPERATIONS, paramsOf } from './described.ts';
import { exampleRequest, nothingOf } from './requests.ts';
import type { FilledOrg, Scene } from './scene.ts';
import { openScene } from './scene.ts';

/** Routes of an org below which there are ids. */
const BY_ID = OPERATIONS.filter(({ definition: { access } }) => access !== 'open' && access !== 'operator')
  // It makes what it names.
  .filter(({ id }) => id !== 'putEventType')
  .map((described) => ({ described, id: described.id, kinds: paramsOf(described).map(({ kind }) => kind) }))
  .filter(({ kinds }) => kinds.length > 0);

const OF_ORG = OPERATIONS.filter(({ path }) => path.includes('{org}'));

let scene: Scene;
let asking: Asking;
let theirs: FilledOrg;
let ours: FilledOrg;

beforeAll(async () => {
  scene = await openScene();
  asking = openAsking(scene.house.url, 20_000);
  [theirs, ours] = await Promise.all([scene.newOrg(), scene.newOrg()]);
});

afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

describe.each(BY_ID)('$id', ({ described, kinds }) => {
  // Each id by itself beside our own, and all of them: whichever is looked at first.
  const sets = [...kinds.map((kind) => ({ foreign: [kind] })), ...(kinds.length > 1 ? [{ foreign: kinds }] : [])];

  it.each(sets)("does not tell another org's $foreign from one that never was", async ({ foreign }) => {
    const before = await state();
    const nothing = nothingOf(theirs);
    // The operator's key may speak for any org: only the org in the path keeps things apart.
    for (const key of [ours.key, scene.house.operatorKey]) {
      const known = await ask({ described, things: { ...ours.things, ...picked(theirs.things, foreign) }, key });
      const unknown = await ask({ described, things: { ...ours.things, ...picked(nothing, foreign) }, key });
      expect([known.status, known.told]).toEqual([404, unknown.told]);
    }
    expect(await state()).toEqual(before);
  });

  /** Of the other org, as far as it could be changed. */
  async function state(): Promise<unknown> {
    const { webhooks, diverted, operations } = theirs.client;
    const { wh = '', op = '' } = theirs.things;
    return [await webhooks.get(wh), (await diverted.list(wh)).data, await operations.get(op)];
  }
});

describe.each(OF_ORG)('$id', (described) => {
  it('does not tell another org from one that never was, but to the operator', async () => {
    const known = await asking.ask(exampleRequest(described, theirs, ours.key));
    const unknown = await asking.ask(exampleRequest(described, { ...theirs, slug: 'no-such-org' }, ours.key));
    // The operator's routes refuse every other key before they look at anything.
    expect(known.status).toBe(described.definition.access === 'operator' ? 403 : 404);
    expect(toldIn(known)).toBe(toldIn(unknown));
  });
});

interface Question {
  described: Described;
  things: Readonly<Record<string, string>>;
  key: string;
}

async function ask({ described, things, key }: Question) {
  const answered = await asking.ask(exampleRequest(described, { slug: ours.slug, things }, key));
  return { status: answered.status, told: toldIn(answered) };
}

function picked(things: Readonly<Record<string, string>>, kinds: readonly string[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, things[kind] ?? '']));
}

/** What differs from one answer to the next, whoever asks for what. */
const OF_THE_MOMENT = /^(?:date|x-request-id|ratelimit.*|x-ratelimit.*)$/;

/** All of an answer, byte for byte, but the name of the request. */
function toldIn({ status, headers, text }: Answered): string {
  const kept = Object.entries(headers).filter(([name]) => !OF_THE_MOMENT.test(name));
  const requestId = String(headers['x-request-id']);
  return JSON.stringify([status, kept, text.replaceAll(requestId, 'req')]);
}
