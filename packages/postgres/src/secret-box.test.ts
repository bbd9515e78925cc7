import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SealContext } from './secret-box.ts';
import { createSecretBox, UnsealError } from './secret-box.ts';

const OLD = { id: 'old', key: randomBytes(32) };
const NEW = { id: 'new', key: randomBytes(32) };
const HERE: SealContext = { orgId: 'o1', webhookId: 'w1', field: 'secret' };
const CLEAR = Buffer.from('whsec of nobody');

describe('the secret box', () => {
  it('opens what it sealed, and seals the same differently each time', () => {
    const box = createSecretBox([NEW]);
    const [a, b] = [box.seal(CLEAR, HERE), box.seal(CLEAR, HERE)];
    expect(box.open(a, HERE)).toEqual(CLEAR);
    expect(a.equals(b)).toBe(false);
    expect(a.includes(CLEAR)).toBe(false);
  });

  it.each<[string, SealContext]>([
    ['org', { ...HERE, orgId: 'o2' }],
    ['webhook', { ...HERE, webhookId: 'w2' }],
    ['field', { ...HERE, field: 'headers' }],
  ])('does not open for another %s', (_, context) => {
    const box = createSecretBox([NEW]);
    expect(() => box.open(box.seal(CLEAR, HERE), context)).toThrow(UnsealError);
  });

  it('does not open what was changed or cut anywhere', () => {
    const box = createSecretBox([NEW]);
    const sealed = box.seal(CLEAR, HERE);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => box.open(changed, HERE)).toThrow(UnsealError);
      expect(() => box.open(sealed.subarray(0, at), HERE)).toThrow(UnsealError);
    }
  });

  it('opens with the key it was sealed with, while a newer one seals', () => {
    const sealed = createSecretBox([OLD]).seal(CLEAR, HERE);
    const both = createSecretBox([NEW, OLD]);
    expect(both.open(sealed, HERE)).toEqual(CLEAR);
    expect(() => createSecretBox([OLD]).open(both.seal(CLEAR, HERE), HERE)).toThrow(UnsealError);
  });

  it('names the missing key, never the value', () => {
    const sealed = createSecretBox([OLD]).seal(CLEAR, HERE);
    expect(() => createSecretBox([NEW]).open(sealed, HERE)).toThrow('sealed with key "old", which is not configured');
  });
});
