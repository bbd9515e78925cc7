import type { Asked } from './asking.ts';
import type { Described } from './described.ts';
import { bodyExample, paramsOf } from './described.ts';
import type { FilledOrg } from './scene.ts';
import { strangeId } from './scene.ts';

export interface Naming {
  slug: string;
  /** By the prefix of an id, or by the name of a parameter that is none. */
  things: Readonly<Record<string, string>>;
}

/** The request that the document shows as an example, about the things named. */
export function exampleRequest(described: Described, naming: Naming, key: string | null): Asked {
  const body = bodyExample(described);
  return {
    method: described.method,
    path: pathOf(described, naming),
    key,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** @throws {TypeError} when there is no thing of a kind: the scene must be given one. */
export function pathOf(described: Described, { slug, things }: Naming): string {
  const texts = paramsOf(described).map(({ name, kind }) => {
    const thing = things[kind];
    if (thing === undefined) throw new TypeError(`${described.id}: the scene has no ${kind}`);
    return [name, thing] as const;
  });
  const values = new Map([...texts, ['org', slug]]);
  return described.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values.get(name) ?? ''));
}

/** Well-formed names of nothing, in place of every thing of the org. */
export function nothingOf({ things }: Pick<FilledOrg, 'things'>): Record<string, string> {
  const names = Object.entries(things).map(([kind, thing]) => {
    return [kind, thing.startsWith(`${kind}_`) ? strangeId(kind) : `no-such-${kind}`];
  });
  return Object.fromEntries(names);
}
