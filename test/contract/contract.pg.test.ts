import type { ErrorCode } from '@hooklane/domain';
import { ERRORS } from '@hooklane/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asking } from './asking.ts';
import { openAsking } from './asking.ts';
import { CODES } from './codes.ts';
import { OPERATIONS, statusesOf } from './described.ts';
import { openAwayApi, openFaultyApi } from './faulty-api.ts';
import type { Making } from './makers.ts';
import { made, WEBHOOKS_PER_ORG } from './makers.ts';
import { brokenPromises } from './promises.ts';
import { openScene } from './scene.ts';

const parts: AsyncDisposable[] = [];
let making: Making;
let asking: Asking;

beforeAll(async () => {
  const scene = use(
    await openScene({
      HOOKLANE_WEBHOOKS_PER_ORG: String(WEBHOOKS_PER_ORG),
      HOOKLANE_WEBHOOKS_PER_HOST: String(WEBHOOKS_PER_ORG),
    }),
  );
  const defect = use(await openFaultyApi(scene.house, 'defect'));
  const full = use(await openFaultyApi(scene.house, 'full'));
  const away = use(await openAwayApi(scene.house));
  asking = use(openAsking(scene.house.url, 20_000));
  making = { scene, org: await scene.newOrg(), faulty: { defect: defect.url, full: full.url, away: away.url } };
});

afterAll(async () => {
  for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
});

function use<T extends AsyncDisposable>(part: T): T {
  parts.push(part);
  return part;
}

describe.each(OPERATIONS)('$id', (described) => {
  it.each(statusesOf(described))('answers %i as the document promises', async (status) => {
    const request = await made(described, status, making);
    expect(request, `nothing in makers.ts says how ${described.id} comes to ${status}`).not.toBeNull();
    if (request === null) return;
    const answered = await asking.ask(request, request.url);
    expect([answered.status, answered.text]).toEqual([status, expect.anything()]);
    expect(brokenPromises(described, answered)).toEqual([]);
  });
});

describe('the code', () => {
  const codes = Object.entries(CODES).flatMap(([code, bring]) => (bring === null ? [] : [{ code, bring }]));

  it.each(codes)('$code is answered with its status', async ({ code, bring }) => {
    const answered = await bring({ asking, making });
    expect(JSON.parse(answered.text)).toMatchObject({ code, status: ERRORS[code as ErrorCode].status });
    expect(answered.status).toBe(ERRORS[code as ErrorCode].status);
    expect(answered.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });
});
