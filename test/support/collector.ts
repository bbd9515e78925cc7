import { startReceiver } from './receiver.ts';
import { until } from './until.ts';

/** A span as it went over the wire, flattened. */
export interface CollectedSpan {
  service: string;
  name: string;
  /** 2: server, 3: client. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  links: ReadonlyArray<{ traceId: string; spanId: string }>;
  attributes: Readonly<Record<string, unknown>>;
  /** 2: error. */
  status: number;
  ms: number;
}

export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** All that arrived, as text: for what must not be in it. */
  readonly text: string;
  readonly requests: ReadonlyArray<{ path: string; headers: Readonly<Record<string, unknown>> }>;
  /** Until so many spans of that name have arrived. */
  waitFor(name: string, count: number): Promise<CollectedSpan[]>;
}

/** An OpenTelemetry collector (OTLP over HTTP, JSON) on a port of its own; `hang`: it takes everything and answers nothing. */
export async function startCollector({ hang = false }: { hang?: boolean } = {}): Promise<Collector> {
  const receiver = await startReceiver(() => ({ hang, body: '{}', headers: { 'content-type': 'application/json' } }));
  const spans = () => receiver.requests.flatMap(({ body }) => spansIn(JSON.parse(String(body)) as Export));
  return {
    url: receiver.url,
    get spans() {
      return spans();
    },
    get text() {
      return receiver.requests.map(({ body }) => String(body)).join('\n');
    },
    requests: receiver.requests,
    waitFor(name, count) {
      const named = () => spans().filter((span) => span.name === name);
      return until(() => named().length >= count && named(), {
        what: `${count} spans named ${name}`,
        timeoutMs: 20_000,
      });
    },
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

interface Export {
  resourceSpans: ReadonlyArray<{
    resource: { attributes: readonly KeyValue[] };
    scopeSpans: ReadonlyArray<{ spans: readonly WireSpan[] }>;
  }>;
}

interface WireSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  links?: ReadonlyArray<{ traceId: string; spanId: string }>;
  attributes: readonly KeyValue[];
  status?: { code?: number };
}

interface KeyValue {
  key: string;
  value: Readonly<Record<string, unknown>>;
}

function spansIn({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => flat(span, service)));
  });
}

function flat({ links = [], attributes, status, parentSpanId, ...span }: WireSpan, service: string): CollectedSpan {
  return {
    service,
    name: span.name,
    kind: span.kind,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId,
    links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
    attributes: valuesOf(attributes),
    status: status?.code ?? 0,
    ms: Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1_000n) / 1_000,
  };
}

function valuesOf(pairs: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));
}
