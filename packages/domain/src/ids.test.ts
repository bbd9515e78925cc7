import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstUuidAt, formatId, parseId, timeOfUuid, uuidV7 } from './ids.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const MAX = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

describe('written ids', () => {
  // github.com/jetify-com/typeid, spec/valid.yml and README.
  it.each([
    ['0188bac7-4afa-78aa-bc3b-bd1eef28d881', '01h2xcejqtf2nbrexx3vqjhp41'],
    ['01890a5d-ac96-774b-bcce-b302099a8057', '01h455vb4pex5vsknk084sn02q'],
    [NIL, '00000000000000000000000000'],
    ['00000000-0000-0000-0000-000000000001', '00000000000000000000000001'],
    ['00000000-0000-0000-0000-00000000000a', '0000000000000000000000000a'],
    ['00000000-0000-0000-0000-000000000010', '0000000000000000000000000g'],
    ['00000000-0000-0000-0000-000000000020', '00000000000000000000000010'],
    [MAX, '7zzzzzzzzzzzzzzzzzzzzzzzzz'],
  ])('follow the vectors of the TypeID specification: %s', (uuid, letters) => {
    expect(formatId('wh', uuid)).toBe(`wh_${letters}`);
    expect(parseId('wh', `wh_${letters}`)).toBe(uuid);
  });

  it('come back as the UUID they were made of', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(parseId('evt', formatId('evt', uuid))).toBe(uuid);
      }),
    );
  });

  it('sort as their UUIDs do', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        expect(formatId('evt', a) < formatId('evt', b)).toBe(a < b);
      }),
    );
  });

  it('are the same for a UUID in capital letters', () => {
    expect(formatId('wh', '0188BAC7-4AFA-78AA-BC3B-BD1EEF28D881')).toBe('wh_01h2xcejqtf2nbrexx3vqjhp41');
  });

  it.each([
    ['of another kind', 'evt_01h2xcejqtf2nbrexx3vqjhp41'],
    ['without a kind', '01h2xcejqtf2nbrexx3vqjhp41'],
    ['without the bar', 'wh-01h2xcejqtf2nbrexx3vqjhp41'],
    ['beyond 128 bits', 'wh_80000000000000000000000000'],
    ['far beyond 128 bits', 'wh_zzzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['too short', 'wh_01h2xcejqtf2nbrexx3vqjhp4'],
    ['too long', 'wh_01h2xcejqtf2nbrexx3vqjhp411'],
    ['in capital letters', 'wh_01H2XCEJQTF2NBREXX3VQJHP41'],
    ['with a letter that is none of the alphabet', 'wh_01h2xcejqtf2nbrexx3vqjhpu1'],
    ['with a hyphen', 'wh_01h2xcejqtf2nb-exx3vqjhp41'],
    ['with a letter beyond ASCII', 'wh_01h2xcejqtf2nbrexx3vqjhpé1'],
    ['with a letter that starts beyond ASCII', 'wh_é1h2xcejqtf2nbrexx3vqjhp41'],
    ['that is a bare UUID', '0188bac7-4afa-78aa-bc3b-bd1eef28d881'],
    ['that is empty', ''],
  ])('are refused %s', (_, text) => expect(parseId('wh', text)).toBeNull());

  it('are never read from a text that would not be written so', () => {
    const almost = fc.string({
      unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz_-'),
      minLength: 26,
      maxLength: 26,
    });
    fc.assert(
      fc.property(almost, (letters) => {
        const uuid = parseId('wh', `wh_${letters}`);
        if (uuid !== null) expect(formatId('wh', uuid)).toBe(`wh_${letters}`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('UUIDv7', () => {
  const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const tenBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

  it('follows the vector of RFC 9562, appendix A.6', () => {
    const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    expect(uuidV7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('has version, variant and its time, whatever the random bytes', () => {
    fc.assert(
      fc.property(times, tenBytes, (timeMs, random) => {
        const uuid = uuidV7(timeMs, random);
        expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(timeOfUuid(uuid)).toBe(timeMs);
      }),
    );
  });

  it('leaves the random bytes as they are', () => {
    const random = Buffer.alloc(10, 0xff);
    uuidV7(1, random);
    expect(random).toEqual(Buffer.alloc(10, 0xff));
  });

  it('lies between the first UUID of its moment and that of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 2 }), tenBytes, (timeMs, random) => {
        const uuid = uuidV7(timeMs, random);
        expect(firstUuidAt(timeMs) <= uuid && uuid < firstUuidAt(timeMs + 1)).toBe(true);
      }),
    );
  });
});
