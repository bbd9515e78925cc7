import type { SigningKeys } from '../secret.ts';
import { asForm } from './body.ts';
import { github } from './github.ts';
import { infraaudit } from './infraaudit.ts';
import type { Dispatch, Profile, ProfileName } from './profile.ts';
import { snyk } from './snyk.ts';
import { socket } from './socket.ts';
import { socotra } from './socotra.ts';
import { standard } from './standard.ts';

export const CONTENT_TYPES = ['json', 'form'] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** All that decides the bytes of a body, but for what is in it. */
export interface Encoding {
  profile: Profile;
  contentType: ContentType;
}

/** Headers and body of one attempt; names in lower case. Unsigned where there are no keys. */
export function encode(
  { profile, contentType }: Encoding,
  dispatch: Dispatch,
  keys: SigningKeys,
): { headers: Record<string, string>; body: Buffer } {
  const json = profile.body(dispatch);
  const body = contentType === 'form' ? asForm(json) : json;
  return { headers: { 'content-type': MEDIA_TYPES[contentType], ...profile.headers(dispatch, { body, keys }) }, body };
}

/**
 * Profiles by the number under which deliveries are pinned to them. A number keeps its meaning for ever, as deliveries
 * wait for days: who changes the bytes that a profile sends adds it anew at the end, and leaves the old one in its place.
 */
const PROFILES: readonly Profile[] = [standard, github, snyk, infraaudit, socket, socotra];

/** The newest profile of that name. */
export function profileOf(name: ProfileName): Profile {
  const profile = PROFILES.findLast((one) => one.name === name);
  if (profile === undefined) throw new TypeError(`no profile ${name}`);
  return profile;
}

/** The number of the newest encoding of that name. Small: it fits two bytes. */
export function encodingNumber(settings: { profile: ProfileName; contentType: ContentType }): number {
  return PROFILES.indexOf(profileOf(settings.profile)) * 2 + CONTENT_TYPES.indexOf(settings.contentType);
}

/** Null for a number that only a newer version of this program knows. */
export function encodingOf(number: number): Encoding | null {
  const profile = PROFILES[number >> 1];
  return profile === undefined ? null : { profile, contentType: number % 2 === 1 ? 'form' : 'json' };
}

const MEDIA_TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' };
