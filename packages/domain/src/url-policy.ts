export interface UrlRules {
  /** Take `http:` too. Off in production: payloads and signatures would travel in the clear. */
  allowHttp: boolean;
  /** Take names that only a private network answers. The address guard still has to let the address pass. */
  allowPrivateNames: boolean;
}

export type UrlVerdict =
  /** `url` is what is stored and called, never the text it came from; `host` has no port and no brackets. */
  { ok: true; url: string; host: string } | { ok: false; problem: string };

export const URL_CHARS = 2048;

/**
 * Whether a webhook may have this URL. The text is parsed once, by WHATWG `URL`, and only the result is looked at:
 * a second parser that read it differently would be the way around this policy. Addresses written as such pass; they
 * are judged by the address guard of the sender, when the connection is made, like those that names resolve to.
 */
export function parseDestinationUrl(text: string, rules: UrlRules): UrlVerdict {
  if (text.length > URL_CHARS) return refused(`A URL has at most ${URL_CHARS} characters.`);
  const url = parse(text);
  if (url === null) return refused('This is not a valid absolute URL.');
  const problem = partProblem(url, rules) ?? hostProblem(url.hostname, rules);
  if (problem !== null) return refused(problem);
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  if (url.href.length > URL_CHARS) return refused(`A URL has at most ${URL_CHARS} characters when written out.`);
  return { ok: true, url: url.href, host: url.hostname.replace(/^\[|\]$/g, '') };
}

/**
 * Under what name limits know the receiver of a URL that passed: without its port, as every port is the same machine;
 * an IPv6 address in brackets. However it was spelled, a URL that passed has its host in lower case, in ASCII and without
 * a dot at the end.
 */
export function hostOfUrl(url: string): string {
  return new URL(url).hostname;
}

function refused(problem: string): UrlVerdict {
  return { ok: false, problem };
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function partProblem(url: URL, rules: UrlRules): string | null {
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:')) {
    return rules.allowHttp ? 'The scheme must be https or http.' : 'The scheme must be https.';
  }
  if (url.username !== '' || url.password !== '') return 'A URL must not contain a user name or password.';
  // An empty fragment shows in the href alone.
  if (url.href.includes('#')) return 'A URL must not contain a fragment.';
  return portProblem(url.port);
}

/** Ports above 1023 where a request that looks like HTTP could do harm to something that is not a web server. */
const DENIED_PORTS: ReadonlySet<number> = new Set([
  1433, // SQL Server
  1521, // Oracle
  2049, // NFS
  2181, // ZooKeeper
  2375, // Docker
  2376,
  2379, // etcd
  2380,
  3306, // MySQL
  3389, // RDP
  4369, // Erlang port mapper
  5432, // PostgreSQL
  5672, // AMQP
  5900, // VNC
  5984, // CouchDB
  5985, // WinRM
  5986,
  6000, // X11
  6379, // Redis
  6380,
  6443, // Kubernetes
  6660, // IRC
  6667,
  8086, // InfluxDB
  8125, // StatsD
  8500, // Consul
  9042, // Cassandra
  9092, // Kafka
  9200, // Elasticsearch
  9300,
  10250, // kubelet
  10255,
  11211, // memcached
  26379, // Redis Sentinel
  27017, // MongoDB
  27018,
  27019,
  50070, // HDFS
]);

/** `port` is empty for the default of the scheme. */
function portProblem(port: string): string | null {
  if (port === '' || port === '443' || port === '80') return null;
  const number = Number(port);
  return number > 1023 && !DENIED_PORTS.has(number) ? null : `Port ${port} is not allowed.`;
}

function hostProblem(hostname: string, rules: UrlRules): string | null {
  if (isAddress(hostname)) return null;
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  if (!isHostName(name)) return 'The host is not a valid name.';
  if (isMetadataName(name) || (!rules.allowPrivateNames && isPrivateName(name))) {
    return 'The host is a name of a private network.';
  }
  return null;
}

/** `URL` writes every spelling of an IPv4 address as four decimal numbers, and IPv6 in brackets. */
function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Stricter than `URL`, which takes empty and overlong labels and most punctuation. */
function isHostName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
}

const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'home.arpa',
  'lan',
];

function isPrivateName(name: string): boolean {
  if (!name.includes('.')) return true;
  return PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}

/** Names under which clouds hand out the credentials of the machine: no rule opens these. */
function isMetadataName(name: string): boolean {
  return [
    'metadata.google.internal',
    'metadata.goog',
    'metadata',
    'instance-data',
    'instance-data.ec2.internal',
  ].includes(name);
}
