import { reserialised } from './body.ts';
import type { Profile } from './profile.ts';
import { hmac, keyInTurn } from './sign.ts';

/**
 * The webhooks of an organization at GitHub. `issues.opened` is the event `issues`; its action is for the payload to
 * say. The GUID of X-GitHub-Delivery is the event's: the same for every webhook that gets it, and when it is resent.
 */
export const github: Profile = {
  name: 'github',
  secrets: ['whsec', 'text'],
  body: ({ event }) => reserialised(event.payload),
  headers({ event, numbers, attempt }, { body, keys }) {
    const key = keyInTurn(keys, attempt);
    return {
      accept: '*/*',
      'x-github-delivery': event.id,
      'x-github-event': nameOf(event.type),
      'x-github-hook-id': String(numbers.webhook),
      'x-github-hook-installation-target-id': String(numbers.org),
      'x-github-hook-installation-target-type': 'organization',
      ...(key && {
        'x-hub-signature': `sha1=${hmac({ algorithm: 'sha1', encoding: 'hex' }, key, [body])}`,
        'x-hub-signature-256': `sha256=${hmac({ algorithm: 'sha256', encoding: 'hex' }, key, [body])}`,
      }),
    };
  },
  ping: ({ number, url, events, contentType, active }) => ({
    zen: 'Acknowledged means safe.',
    hook_id: number,
    hook: {
      type: 'Organization',
      id: number,
      name: 'web',
      active,
      events,
      config: { url, content_type: contentType },
    },
  }),
};

function nameOf(type: string): string {
  return type.split('.', 1)[0] ?? type;
}
