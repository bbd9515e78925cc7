import { describe, expect, it } from 'vitest';
import { etagOf, ifMatch, versionsIn } from './etag.ts';

const read = (text: string) => versionsIn({ 'if-match': text });

describe('If-Match', () => {
  it('allows the version that an ETag names', () => expect(read(etagOf({ version: 12 }).etag)).toEqual([12]));

  it('allows any of several, and no weak or strange ones', () => {
    expect(read('"1",  "22" ,W/"3", "abc", "4x", ""')).toEqual([1, 22]);
    expect(read('"other"')).toEqual([]);
  });

  it('allows any version with an asterisk, or where it is left out', () => {
    expect(read('*')).toBeNull();
    expect(versionsIn({ 'if-match': undefined })).toBeNull();
  });

  it.each(['', '1', '"1', '"1" "2"', '"1",', '*, "1"', 'w/"1"', '"a b"'])('does not take %j', (text) => {
    expect(ifMatch['if-match'].schema.safeParse(text).success).toBe(false);
  });
});
