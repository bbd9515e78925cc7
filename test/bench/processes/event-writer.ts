import type { Stream } from './publisher.ts';

/** Bytes of a payload. */
export const PAYLOAD_BYTES = 512;
/** So long is the moment in it, with blanks behind: every payload has the same length. */
const AT_WIDTH = 16;

/** Whole requests, with the moment that is given in the payload, by which the receiver tells how long it took. */
export function eventWriter({
  path,
  authorization,
  types,
}: Pick<Stream, 'path' | 'authorization' | 'types'>): (atMs: number) => string {
  const heads = types.map((type) => {
    const body = bodyOf(type, 0);
    return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  });
  let n = 0;
  return (atMs) => {
    const turn = n++ % types.length;
    return `${heads[turn]}${bodyOf(types[turn] ?? '', atMs)}`;
  };
}

const OPEN = '{"at":';
const MIDDLE = ',"filler":"';
const CLOSE = '"}';
const FILLER = 'abcdefghijklmnop'
  .repeat(PAYLOAD_BYTES)
  .slice(0, PAYLOAD_BYTES - OPEN.length - AT_WIDTH - MIDDLE.length - CLOSE.length);

export function payloadOf(atMs: number): string {
  return `${OPEN}${atMs.toFixed(3).padEnd(AT_WIDTH)}${MIDDLE}${FILLER}${CLOSE}`;
}

function bodyOf(type: string, atMs: number): string {
  return `{"type":"${type}","payload":${payloadOf(atMs)}}`;
}
