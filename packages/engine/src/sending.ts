import type { ClientCertificate, Outcome, TlsSettings, WaitReason } from '@hooklane/domain';

/** One HTTP request, ready to go: everything in it was decided before. */
export interface SendRequest {
  url: string;
  /** Names in lower case; a list is sent as repeated lines, in order. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  body: Buffer;
  /** One deadline over DNS, connect, TLS, headers and body. */
  timeoutMs: number;
  /** Left out or null: the certificate is verified against the public authorities, none of ours is shown. */
  tls?: TlsSettings | null;
}

/** What came of it. Never rejects for anything a receiver or the network does. */
export interface SendReport {
  outcome: Outcome;
  durationMs: number;
  /** What the receiver answered, if a status line was read. */
  response: {
    status: number;
    headers: Record<string, string | string[]>;
    /** At most the first 4 KiB. */
    body: Buffer;
    truncated: boolean;
  } | null;
}

/** Sends one signed POST. */
export interface Sender {
  send(request: SendRequest): Promise<SendReport>;
}

/** Checks at the door whether a URL could ever be sent to. */
export interface DestinationGuard {
  /** The URL as it will be dialled, or why it never can be, in words for the person who entered it. Does no DNS. */
  check(url: string): { url: string } | { objection: string };
  /** Whether TLS itself takes a client certificate: one that it refuses (too weak a key) would fail every attempt. */
  takes(client: ClientCertificate): boolean;
}

/** Learns how a request goes: the webhook's lane is judged by it. */
export interface Witness {
  sending(): void;
  answered(report: SendReport): void;
  /** Which limit a delivery that was claimed so late had to wait for; null: none. */
  waitReason(lateMs: number): WaitReason | null;
}
