import type { ErrorCode, KeyId } from '@hooklane/domain';
import type { Author, Org, Scope } from '@hooklane/engine';
import type { z } from 'zod';
import type { RouteContext } from '../routes/context.ts';
import type { JsonText } from './answer.ts';
import type { Tag } from './tags.ts';

/**
 * One route as a value: what it takes, what it answers and how it does so. The server, the gates, the parsing, the list
 * of methods and the OpenAPI document are made of it; see routes/README.md.
 */
export interface Route {
  definition: RouteDefinition;
  handle(call: Call<RouteDefinition>, context: RouteContext): Promise<RouteAnswer> | RouteAnswer;
}

export interface RouteDefinition {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** In full, `:name` for what varies. `:org` is known to the gates; every other name has its schema in `params`. */
  path: string;
  /** Names the call in the document and in clients made of it: `createWebhook`. */
  operationId: string;
  /** One line, imperative, no full stop. */
  summary: string;
  /** What the schemas cannot say. Markdown. */
  description?: string;
  tag: Tag;
  access: Access;
  /** What it publishes links to the span of its request, where there are traces. Default: it has none. */
  isTraced?: true;
  /** What does not parse names nothing: 404. */
  params?: Readonly<Record<string, z.ZodType>>;
  /** A strict object. Default: none may be given. Routes open to all do not look at theirs unless they have one. */
  query?: z.ZodType;
  /** Headers that the route looks at, names in lower case. */
  headers?: Readonly<Record<string, HeaderDefinition>>;
  /** A JSON object that must be there. At most one of the three kinds of body. */
  body?: z.ZodType;
  /** The same where no body is as good as `{}`. Default of POST: `{}` and nothing else. */
  optionalBody?: z.ZodType;
  /** The route reads the bytes itself; the schema is for the document. */
  rawBody?: RawBody;
  /** By status; null: no body. */
  answers: Readonly<Record<number, AnswerDefinition>>;
  /** Refusals of its own, besides those that its access, parameters and body bring along. */
  problems?: readonly ErrorCode[];
}

/** A scope: the operator, or a key of the org in the path that has it. */
export type Access = Scope | 'operator' | 'open';

export interface HeaderDefinition {
  schema: z.ZodType<string | undefined>;
  description: string;
  /** What the request is refused with when it does not parse. Default `invalid_field`. */
  problem?: ErrorCode;
}

export interface RawBody {
  schema: z.ZodType;
  /** Of the whole body. */
  maxBytes: (limits: PayloadLimits) => number;
}

/** Of an event's payload. */
export interface PayloadLimits {
  maxDepth: number;
  maxBytes: number;
}

export type AnswerDefinition = z.ZodType | AnswerDetails | null;

export interface AnswerDetails {
  schema: z.ZodType | null;
  description?: string;
  /** Headers of its own, names in lower case. */
  headers?: Readonly<Record<string, { schema: z.ZodType; description: string }>>;
  /** Default `application/json`; anything else is sent as the text it is. */
  media?: string;
}

/** A request that has passed the gate and been parsed. */
export interface Call<D extends RouteDefinition> {
  /** The org in the path of a route with a scope. */
  org: OrgOf<D['access']>;
  /** The key; null: the operator, or nobody where the route is open. */
  keyId: KeyId | null;
  /** Who makes the changes the call asks for; handed on to whatever changes something. Routes open to all have none. */
  by: AuthorOf<D['access']>;
  /** On operator routes `org` is among them: a slug, not looked up. */
  params: (D extends { params: infer P } ? OutputsOf<P> : unknown) &
    (D extends { access: 'operator'; path: `${string}/:org${string}` } ? { org: string } : unknown);
  query: D extends { query: z.ZodType<infer Q> } ? Q : unknown;
  headers: D extends { headers: infer H } ? { readonly [N in keyof H]: string | undefined } : unknown;
  body: D extends { body: z.ZodType<infer B> }
    ? B
    : D extends { optionalBody: z.ZodType<infer B> }
      ? B
      : D extends { rawBody: RawBody }
        ? Buffer
        : unknown;
  requestId: string;
  /** Of the request's span, as W3C writes it; null where it is not traced. */
  traceparent: string | null;
  /** Counts so many events against the limits of key and org. Throws `rate_limited` where one is used up. */
  takeTokens: (count: number) => void;
  /** What the one line of the request in the log says besides: ids and sizes, never payloads. */
  tell: (fields: Readonly<Record<string, unknown>>) => void;
  /** Nobody waits for the answer any more. */
  isGone: () => boolean;
}

export interface RouteAnswer {
  status: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** One of the answers of a definition; its body is checked against the schema by the compiler and in tests, not in production. */
export type AnswerOf<D extends RouteDefinition> = {
  [S in keyof D['answers'] & number]: BodyOf<D['answers'][S]> extends null
    ? { status: S; body: undefined; headers?: RouteAnswer['headers'] }
    : { status: S; body: Written<BodyOf<D['answers'][S]>>; headers?: RouteAnswer['headers'] };
}[keyof D['answers'] & number];

export type Handler<D extends RouteDefinition> = (
  call: Call<D>,
  context: RouteContext,
) => Promise<AnswerOf<D>> | AnswerOf<D>;

/** @throws {TypeError} when the names in the path are not those in `params`, or there are two bodies. */
export function route<const D extends RouteDefinition>(definition: D, handle: Handler<NoInfer<D>>): Route {
  checkDefinition(definition);
  // Whatever serves it reads requests by this very definition, so that the handler gets what it was typed for.
  return { definition, handle: handle as unknown as Route['handle'] };
}

/** The names that vary in a path. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}

function checkDefinition({ path, params = {}, body, optionalBody, rawBody }: RouteDefinition): void {
  const named = namesIn(path).filter((name) => name !== 'org');
  if (named.toSorted().join() !== Object.keys(params).toSorted().join()) {
    throw new TypeError(`${path}: its parameters are not those in params`);
  }
  const bodies = [body, optionalBody, rawBody].filter((one) => one !== undefined);
  if (bodies.length > 1) throw new TypeError(`${path}: it has more than one body`);
}

type OrgOf<A extends Access> = [A] extends [Scope] ? NamedOrg : A extends Scope ? NamedOrg | null : null;

type AuthorOf<A extends Access> = [A] extends ['open'] ? null : 'open' extends A ? Author | null : Author;

type NamedOrg = Pick<Org, 'id' | 'slug'>;

type OutputsOf<P> = { readonly [N in keyof P]: P[N] extends z.ZodType<infer T> ? T : never };

type BodyOf<A> = A extends z.ZodType<infer T> ? T : A extends { schema: z.ZodType<infer T> } ? T : null;

type Written<T> = Wire<T> | JsonText<Wire<T>>;

/** What may be written where `T` is read: lists that nobody changes will do. */
type Wire<T> = T extends readonly (infer I)[]
  ? readonly Wire<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Wire<T[K]> }
    : T;
