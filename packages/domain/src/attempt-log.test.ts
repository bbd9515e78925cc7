import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { repairText, STORED_BODY_BYTES, storedBody } from './attempt-log.ts';

it('keeps good UTF-8 as it is', () => {
  expect(repairText(Buffer.from('Größe: 10 €, 🙂'))).toBe('Größe: 10 €, 🙂');
});

it('turns what is not UTF-8 into replacement characters', () => {
  expect(repairText(Buffer.from([0x61, 0xff, 0xc3, 0x62]))).toBe('a\uFFFD\uFFFDb');
});

it('removes NUL, which Postgres text refuses', () => {
  expect(repairText(Buffer.from('a\0b\0'))).toBe('ab');
});

it('keeps markup as inert text', () => {
  expect(repairText(Buffer.from('<script>alert(1)</script>'))).toBe('<script>alert(1)</script>');
});

it('reads the part of a buffer it is given, not the memory around it', () => {
  expect(repairText(Buffer.from('secret answer secret').subarray(7, 13))).toBe('answer');
});

it('keeps the beginning of a long body only', () => {
  expect(storedBody(Buffer.alloc(STORED_BODY_BYTES + 100, 'x'))).toBe('x'.repeat(STORED_BODY_BYTES));
});

it('makes storable text of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = repairText(bytes);
      expect(text).not.toContain('\0');
      expect(isUtf8(Buffer.from(text))).toBe(true);
      expect(Buffer.from(text).toString()).toBe(text);
    }),
  );
});
