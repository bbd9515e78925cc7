/**
 * A strict reader of JSON text (RFC 8259) over its UTF-8 bytes: it builds nothing, never recurses and reads each byte
 * once. But for the nesting it is given as limit, it accepts exactly what is valid UTF-8 and pleases `JSON.parse`.
 *
 * Every function takes the position where its part begins and returns the position after it, or a negative number:
 * the complement of the position where the text stopped being JSON, or {@link TOO_DEEP}. A negative position passes
 * through all functions unchanged, so that a chain of them needs one check at its end.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  /** The closing bracket of every object and array that is open; as long as the nesting may be deep. */
  readonly #closers: Uint8Array;
  #depth = 0;

  /** `maxDepth`: a scalar has depth 0, `[]` and `{}` have 1. */
  constructor(bytes: Uint8Array, maxDepth: number) {
    this.bytes = bytes;
    this.#closers = new Uint8Array(maxDepth);
  }

  /** Reads one value with the white space before it, not after it. */
  skipValue(start: number): number {
    this.#depth = 0;
    let at = start;
    do at = this.#leave(this.#enter(at));
    while (at >= 0 && this.#depth > 0);
    return at;
  }

  /** Opens what begins here, and what begins in it, until a scalar is passed or something empty is to be closed. */
  #enter(start: number): number {
    let at = skipBlank(this.bytes, start);
    for (let closer = closerOf(this.bytes[at]); closer !== 0; closer = closerOf(this.bytes[at])) {
      if (this.#depth === this.#closers.length) return TOO_DEEP;
      this.#closers[this.#depth++] = closer;
      at = skipBlank(this.bytes, at + 1);
      if (this.bytes[at] === closer) return at;
      if (closer === Byte.closeBrace) at = skipBlank(this.bytes, skipKey(this.bytes, at));
    }
    return skipScalar(this.bytes, at);
  }

  /** Closes what ends here; where something is still open, goes on to its next value. */
  #leave(start: number): number {
    let at = start;
    while (at >= 0 && this.#depth > 0) {
      at = skipBlank(this.bytes, at);
      const closer = this.#closers[this.#depth - 1];
      if (this.bytes[at] === closer) {
        this.#depth--;
        at++;
      } else {
        at = skipByte(this.bytes, at, Byte.comma);
        return closer === Byte.closeBrace ? skipKey(this.bytes, at) : at;
      }
    }
    return at;
  }
}

/** The result of a read that met more nesting than it may. */
export const TOO_DEEP = -(2 ** 31);

export const Byte = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** Space, tab, line feed, carriage return. */
export function skipBlank(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(bytes[at] ?? 0)) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

export function skipByte(bytes: Uint8Array, at: number, byte: number): number {
  if (at < 0) return at;
  return bytes[at] === byte ? at + 1 : ~at;
}

/** The name of a member with the colon after it. */
function skipKey(bytes: Uint8Array, start: number): number {
  return skipByte(bytes, skipBlank(bytes, skipString(bytes, skipBlank(bytes, start))), Byte.colon);
}

/** From quote to quote. Escapes of half a surrogate pair are JSON, though no text: they pass. */
export function skipString(bytes: Uint8Array, start: number): number {
  let at = skipByte(bytes, start, Byte.quote);
  while (at >= 0) {
    while (isPlain[bytes[at] ?? 0] === 1) at++;
    const byte = bytes[at];
    if (byte === Byte.quote) return at + 1;
    at = byte === Byte.backslash ? skipEscape(bytes, at) : skipWideCharacter(bytes, at);
  }
  return at;
}

/** What may stand in a string by itself: ASCII without controls, quote and backslash. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== Byte.quote && byte !== Byte.backslash ? 1 : 0,
);

function skipEscape(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] ?? 0;
  if (ESCAPES.has(letter)) return at + 2;
  if (letter !== 0x75) return ~at;
  for (let i = at + 2; i < at + 6; i++) if (!isHexDigit(bytes[i] ?? 0)) return ~i;
  return at + 6;
}

const ESCAPES: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

/** A character beyond ASCII: two to four bytes, neither overlong nor a surrogate nor beyond U+10FFFF (RFC 3629). */
function skipWideCharacter(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const end = at + lengthOf(lead);
  for (let i = at + 1; i < end; i++) if (!isContinuation(bytes[i])) return ~i;
  return end > at && isSecondByte(lead, bytes[at + 1] ?? 0) ? end : ~at;
}

/** How many bytes a character has that begins with this one; 0 when none does. */
function lengthOf(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function isSecondByte(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xed) return second < 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  return lead !== 0xf4 || second < 0x90;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >> 6 === 2;
}

/** The bracket that ends what this one begins; 0 when it begins nothing. */
function closerOf(byte: number | undefined): number {
  if (byte === Byte.openBrace) return Byte.closeBrace;
  return byte === Byte.openBracket ? Byte.closeBracket : 0;
}

function skipScalar(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case Byte.quote:
      return skipString(bytes, at);
    case 0x74:
      return skipWord(bytes, at, WORDS.true);
    case 0x66:
      return skipWord(bytes, at, WORDS.false);
    case 0x6e:
      return skipWord(bytes, at, WORDS.null);
    default:
      return skipNumber(bytes, at);
  }
}

const WORDS = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') };

function skipWord(bytes: Uint8Array, start: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return ~(start + i);
  return start + word.length;
}

function skipNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === Byte.minus ? start + 1 : start;
  at = bytes[at] === Byte.zero ? at + 1 : skipDigits(bytes, at);
  if (bytes[at] === Byte.dot) at = skipDigits(bytes, at + 1);
  if (((bytes[at] ?? 0) | 0x20) !== 0x65) return at;
  const sign = bytes[at + 1];
  return skipDigits(bytes, at + (sign === 0x2b || sign === Byte.minus ? 2 : 1));
}

/** At least one. */
function skipDigits(bytes: Uint8Array, start: number): number {
  if (start < 0) return start;
  let at = start;
  while (isDigit(bytes[at] ?? 0)) at++;
  return at === start ? ~at : at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
