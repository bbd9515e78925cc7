import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { answerEach, drip, OK } from './receivers.ts';

/** What a receiver may do to whoever sends to it, and what must come of it. */
export interface Hostility {
  name: string;
  /** As `inWords` has it; several where it is up to the timing. */
  words: string | RegExp;
  /** Takes the whole deadline. Default: ends long before it. */
  takesAll?: boolean;
  /** The URL begins with it. Default `http`. */
  scheme?: 'https';
  /** Bytes of the request. Default: few. */
  bodyBytes?: number;
  onConnection: (socket: Socket) => void;
}

const EARLY = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const BOMB = gzipSync(Buffer.alloc(20_000_000));
const PROTOCOL = 'unreachable protocol_error';
const RESET = 'unreachable connection_reset';
const NO_HEAD = 'timed-out headers';

export const HOSTILITIES: readonly Hostility[] = [
  // Time
  { name: 'never answers', words: NO_HEAD, takesAll: true, onConnection: (socket) => answerEach(socket, '') },
  { name: 'does not even read', words: NO_HEAD, takesAll: true, bodyBytes: 20_000_000, onConnection: unread },
  {
    name: 'drips its headers',
    words: NO_HEAD,
    takesAll: true,
    onConnection: dripping('HTTP/1.1 200 OK\r\n', 'x: 1\r\n'),
  },
  { name: 'drips its status line', words: NO_HEAD, takesAll: true, onConnection: dripping('HTTP/1.1 200 ', 'O') },
  { name: 'hints without end', words: NO_HEAD, takesAll: true, onConnection: dripping('', EARLY, 40) },
  { name: 'drips its body', words: 'accepted 200', takesAll: true, onConnection: dripping(lengthOf(9_999), '.') },
  { name: 'drips its refusal', words: 'rejected 503', takesAll: true, onConnection: dripping(lengthOf(99, 503), '.') },
  { name: 'drips chunks', words: 'accepted 200', takesAll: true, onConnection: dripping(CHUNKED, '1\r\n.\r\n') },
  {
    name: 'drips blank lines',
    words: /^timed-out headers$|protocol_error/,
    takesAll: true,
    onConnection: dripping('', '\r\n'),
  },
  {
    name: 'lets TLS wait',
    words: 'timed-out connect',
    takesAll: true,
    scheme: 'https',
    onConnection: (s) => s.resume(),
  },
  {
    name: 'drips bytes that look like TLS',
    words: /^(timed-out connect|unreachable tls_error)$/,
    takesAll: true,
    scheme: 'https',
    onConnection: dripping('', '\x16\x03\x03\x40\x00'),
  },
  // Size
  { name: 'floods hints', words: PROTOCOL, onConnection: (socket) => answerEach(socket, EARLY.repeat(1_000)) },
  { name: 'floods its reason', words: PROTOCOL, onConnection: flooding('HTTP/1.1 200 ') },
  { name: 'floods a header', words: PROTOCOL, onConnection: flooding('HTTP/1.1 200 OK\r\nx: ') },
  {
    name: 'has ten thousand headers',
    words: PROTOCOL,
    onConnection: answering(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`),
  },
  { name: 'floods its body', words: 'accepted 200', onConnection: flooding(lengthOf(Number.MAX_SAFE_INTEGER)) },
  { name: 'floods its body until the end', words: 'accepted 200', onConnection: flooding('HTTP/1.0 200 OK\r\n\r\n') },
  { name: 'floods a chunk extension', words: 'accepted 200', onConnection: flooding(`${CHUNKED}1;`) },
  { name: 'floods trailers', words: 'accepted 200', onConnection: flooding(`${CHUNKED}0\r\nx: `) },
  {
    name: 'sends a gzip bomb',
    words: 'accepted 200',
    onConnection: answering(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`),
        BOMB,
      ]),
    ),
  },
  // Nonsense
  { name: 'speaks SSH', words: PROTOCOL, onConnection: answering('SSH-2.0-OpenSSH_9.2\r\n') },
  { name: 'speaks HTTP/0.9', words: PROTOCOL, onConnection: answering('<html>hello</html>') },
  { name: 'speaks HTTP/2', words: PROTOCOL, onConnection: answering(Buffer.from('000012040000000000', 'hex')) },
  { name: 'speaks plain under TLS', words: 'unreachable tls_error', scheme: 'https', onConnection: answering(OK) },
  {
    name: 'has both lengths',
    words: PROTOCOL,
    onConnection: answering('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'),
  },
  {
    name: 'has two lengths',
    words: PROTOCOL,
    onConnection: answering('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n'),
  },
  {
    name: 'has a negative length',
    words: PROTOCOL,
    onConnection: answering('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'),
  },
  {
    name: 'has a length beyond all numbers',
    words: PROTOCOL,
    onConnection: answering(`HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(40)}\r\n\r\n`),
  },
  { name: 'has NUL in a header', words: PROTOCOL, onConnection: answering('HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n') },
  { name: 'has no status', words: PROTOCOL, onConnection: answering('HTTP/1.1 OK\r\n\r\n') },
  { name: 'has a status below 100', words: PROTOCOL, onConnection: answering('HTTP/1.1 050 Odd\r\n\r\n') },
  { name: 'has a status of four digits', words: PROTOCOL, onConnection: answering('HTTP/1.1 2000 OK\r\n\r\n') },
  {
    name: 'upgrades unasked',
    words: PROTOCOL,
    onConnection: answering('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  },
  {
    name: 'redirects inside',
    words: 'rejected 307',
    onConnection: answering('HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n'),
  },
  { name: 'promises more than it sends', words: 'accepted 200', onConnection: ending(`${lengthOf(100)}short`) },
  { name: 'sends more than it promised', words: 'accepted 200', onConnection: answering(`${lengthOf(2)}ok, and more`) },
  { name: 'answers twice', words: 'accepted 200', onConnection: answering(OK + OK.replace('200', '500')) },
  { name: 'has a chunk that is none', words: 'accepted 200', onConnection: answering(`${CHUNKED}nonsense\r\n`) },
  {
    name: 'has a chunk beyond all numbers',
    words: 'accepted 200',
    onConnection: answering(`${CHUNKED}${'F'.repeat(40)}\r\n`),
  },
  // Breaking off
  { name: 'hangs up on accept', words: RESET, onConnection: (socket) => socket.destroy() },
  { name: 'hangs up before the status', words: RESET, onConnection: (socket) => socket.on('data', () => socket.end()) },
  { name: 'hangs up within the head', words: RESET, onConnection: ending('HTTP/1.1 200 OK\r\ncontent-') },
  {
    name: 'resets before the status',
    words: RESET,
    onConnection: (socket) => socket.on('data', () => socket.resetAndDestroy()),
  },
  { name: 'resets after the head', words: 'accepted 200', onConnection: resetting(lengthOf(100)) },
  {
    name: 'hangs up within TLS',
    words: /^unreachable (connection_reset|tls_error)$/,
    scheme: 'https',
    onConnection: (socket) => socket.on('data', () => socket.end()),
  },
];

function lengthOf(bytes: number, status = 200): string {
  return `HTTP/1.1 ${status} X\r\ncontent-length: ${bytes}\r\n\r\n`;
}

/** Who does not read is not told either that the other side has gone: it looks again when it is too late. */
function unread(socket: Socket): void {
  socket.pause();
  setTimeout(() => socket.resume(), 900).unref();
}

function answering(answer: string | Buffer): Hostility['onConnection'] {
  return (socket) => answerEach(socket, answer);
}

function ending(answer: string): Hostility['onConnection'] {
  return (socket) => socket.on('data', () => socket.end(answer));
}

function dripping(start: string, piece: string, everyMs = 15): Hostility['onConnection'] {
  return (socket) => socket.once('data', () => drip(socket, { start, piece, everyMs }));
}

function resetting(answer: string): Hostility['onConnection'] {
  return (socket) => {
    socket.on('data', () => {
      socket.write(answer);
      // When it has had time to arrive: a reset overtakes what it has not.
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
  };
}

const PIECE = 'x'.repeat(16_384);

function flooding(start: string): Hostility['onConnection'] {
  return (socket) => {
    socket.once('data', () => {
      socket.write(start);
      const flood = () => {
        while (!socket.destroyed && socket.write(PIECE));
      };
      socket.on('drain', flood);
      flood();
    });
  };
}
