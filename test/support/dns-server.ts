import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Addresses of the asked family are answered; `silence` never answers, `refuse` says the name does not exist. */
export type DnsAnswer = readonly string[] | 'silence' | 'refuse';

export interface DnsQuestion {
  name: string;
  type: 'A' | 'AAAA';
  /** How often this name and type were asked, from 1. */
  count: number;
}

export interface DnsServer {
  /** For `createResolver({ servers })`. */
  address: string;
  asked: DnsQuestion[];
  close(): void;
}

/** A DNS server on loopback that says what the test wants. */
export async function startDnsServer(answer: (question: DnsQuestion) => DnsAnswer, ttlSeconds = 0): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: DnsQuestion[] = [];
  socket.on('message', (query, from) => {
    const question = readQuestion(query, asked);
    asked.push(question);
    const addresses = answer(question);
    if (addresses !== 'silence')
      socket.send(response(query, question, { addresses, ttlSeconds }), from.port, from.address);
  });
  const port = await bind(socket);
  return { address: `127.0.0.1:${port}`, asked, close: () => socket.close() };
}

function bind(socket: Socket): Promise<number> {
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)));
}

const HEADER_BYTES = 12;

function readQuestion(query: Buffer, asked: readonly DnsQuestion[]): DnsQuestion {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const name = labels.join('.');
  const type = query.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A';
  return { name, type, count: asked.filter((one) => one.name === name && one.type === type).length + 1 };
}

function response(
  query: Buffer,
  question: DnsQuestion,
  { addresses, ttlSeconds }: { addresses: readonly string[] | 'refuse'; ttlSeconds: number },
): Buffer {
  const matching = addresses === 'refuse' ? [] : addresses.filter((one) => isIPv6(one) === (question.type === 'AAAA'));
  const questionBytes = query.subarray(HEADER_BYTES, HEADER_BYTES + question.name.length + 2 + 4);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(addresses === 'refuse' ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(matching.length, 6);
  return Buffer.concat([header, questionBytes, ...matching.map((address) => record(address, ttlSeconds))]);
}

function record(address: string, ttlSeconds: number): Buffer {
  const data = isIPv6(address) ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(isIPv6(address) ? 28 : 1, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const left = groups(head);
  const right = groups(tail);
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
