import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answered, Asking } from './asking.ts';
import { openAsking } from './asking.ts';
import type { Described } from './described.ts';
import { OPERATIONS, paramsOf } from './described.ts';
import { brokenPromises } from './promises.ts';
import { pathOf } from './requests.ts';
import type { FilledOrg, Scene } from './scene.ts';
import { openScene } from './scene.ts';

const LISTS = OPERATIONS.filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'cursor'));

const IDS = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'no id'];
const NUMBERS = [-(2 ** 53) + 1, 2 ** 53 - 1, 2 ** 31, -1, 0, 0.5, 1e308];
const TEXTS = [
  '',
  'a',
  '\u0000',
  '\ud800',
  '1e5',
  '-1',
  '18446744073709551615',
  '18446744073709551616',
  '9'.repeat(99),
];

/** Keys as no list writes them, or another one does. */
const KEYS: readonly unknown[] = [
  null,
  {},
  [],
  ...[...NUMBERS, ...TEXTS, ...IDS].flatMap((first) => [[first], ...IDS.map((id) => [first, id])]),
  ...NUMBERS.flatMap((first) => IDS.map((id) => [first, id, id])),
];
const NOT_JSON = ['x', '[', '%00', 'A'.repeat(1024)];
const FORGED = [...KEYS.map((key) => Buffer.from(JSON.stringify(key)).toString('base64url')), ...NOT_JSON];

let scene: Scene;
let asking: Asking;
let org: FilledOrg;
/** What the lists wrote themselves, each for itself. */
let written: string[];

beforeAll(async () => {
  scene = await openScene();
  asking = openAsking(scene.house.url, 20_000);
  org = await scene.newOrg();
  const pages = await Promise.all(LISTS.map((list) => ask(list, 'limit=1')));
  const cursors = pages.map(({ text }) => JSON.parse(text)).flatMap((page) => [page.next_cursor, page.resume_cursor]);
  written = cursors.filter((cursor) => typeof cursor === 'string');
});

afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

describe.each(LISTS.map((described) => ({ id: described.id, described })))('$id', ({ described }) => {
  it('refuses every cursor that it did not write, or answers with a page', async () => {
    const sorts = described.id === 'listWebhooks' ? ['', '&sort=name'] : [''];
    for (const cursor of [...FORGED, ...written, ...written.map((text) => text.slice(0, -2))]) {
      for (const sort of sorts) {
        const answered = await ask(described, `cursor=${encodeURIComponent(cursor)}${sort}`);
        const tells = `${Buffer.from(cursor, 'base64url')}: ${answered.text}`;
        expect([200, 422], tells).toContain(answered.status);
        expect(brokenPromises(described, answered), tells).toEqual([]);
      }
    }
  });
});

function ask(described: Described, query: string): Promise<Answered> {
  const { access } = described.definition;
  const things = Object.fromEntries(paramsOf(described).map(({ kind }) => [kind, org.things[kind] ?? '']));
  return asking.ask({
    method: 'GET',
    path: `${pathOf(described, { slug: org.slug, things })}?${query}`,
    key: access === 'operator' ? scene.house.operatorKey : org.key,
  });
}
