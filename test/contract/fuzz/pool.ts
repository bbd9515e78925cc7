import type { Answered, Asked } from '../asking.ts';
import { paramsOf } from '../described.ts';
import type { FilledOrg, Scene } from '../scene.ts';
import { strangeId } from '../scene.ts';
import type { Drawn, DrawnParam } from './requests.ts';

/** What there is to name: it grows with what the requests make, so that they go on finding something. */
export interface Pool {
  asked(drawn: Drawn): Asked;
  /** Takes ids from an answer. */
  learn(drawn: Drawn, answered: Answered): void;
}

/** Deleting the org of the scene would leave nothing to ask about, revoking its key nobody to ask. Of its webhooks the first stays. */
const LAST = new Set(['deleteOrg', 'revokeKey']);

export function createPool(scene: Scene, org: FilledOrg, stranger: FilledOrg): Pool {
  const known = new Map(Object.entries(org.things).map(([kind, thing]) => [kind, [thing]]));
  const keys = {
    org: org.key,
    operator: scene.house.operatorKey,
    stranger: stranger.key,
    none: null,
    odd: `hl_${'x'.repeat(43)}`,
  };

  function thing(kind: string, drawn: DrawnParam | undefined, isLast: boolean): string {
    if (drawn === undefined || drawn === 'nothing') return strangeId(kind);
    if ('text' in drawn) return drawn.text;
    const things = known.get(kind)?.slice(isLast ? 1 : 0) ?? [];
    return things[drawn.there % things.length] ?? strangeId(kind);
  }

  function slug({ described, params }: Drawn): string {
    const { org: drawn } = params;
    if (typeof drawn === 'object' && 'text' in drawn) return drawn.text;
    return drawn === 'nothing' || LAST.has(described.id) ? 'no-such-org' : org.slug;
  }

  return {
    asked(drawn) {
      const { described, caller, params, query, headers, body } = drawn;
      const kinds = new Map(paramsOf(described).map(({ name, kind }) => [name, kind]));
      const path = described.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const value =
          name === 'org' ? slug(drawn) : thing(kinds.get(name) ?? name, params[name], described.id === 'deleteWebhook');
        return segment(value);
      });
      const search = query.map(([name, value]) => `${segment(name)}=${segment(value)}`).join('&');
      return {
        method: described.method,
        path: search === '' ? path : `${path}?${search}`,
        key: keys[caller],
        headers,
        ...(body === null ? {} : { body }),
      };
    },
    learn({ described }, { status, text }) {
      // The documentation names things that are only examples.
      if (status > 299 || described.definition.access === 'open') return;
      for (const [id, kind = ''] of text.matchAll(ID)) remember(known.get(kind) ?? [], id);
    },
  };
}

const ID = /\b([a-z]{2,3})_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g;
const MOST_THINGS = 60;

/** Old ones make room: what they name may be gone by now. The first stays, which has something of everything below it. */
function remember(things: string[], id: string): void {
  if (!things.includes(id)) things.push(id);
  if (things.length > MOST_THINGS) things.splice(1, 1);
}

/** Encoded as a client would, but for percent signs: `%00` and `%ff` are to arrive as they are. */
function segment(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd')).replaceAll('%25', '%');
}
