/** One thing that is wrong with a request: which field, and what it should be. Never repeats a secret value. */
export interface Problem {
  /** Path of the field in the body, such as `headers.x-tenant`; empty for the body as a whole. */
  field: string;
  message: string;
}

interface ErrorEntry {
  /** The HTTP status that goes with it. */
  status: number;
  /** One sentence; the same every time the error occurs (RFC 9457). */
  title: string;
  /** For the documentation: when it occurs and what to do about it. */
  description: string;
}

/** Every error the API answers. Codes are part of the interface: they are added, never renamed. */
export const ERRORS = {
  malformed_request: {
    status: 400,
    title: 'The request could not be read.',
    description: 'The request line, a header or the path is not valid HTTP. Sending it again as it is will not help.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers of the request are too large.',
    description: 'The request line and all headers together may have 16 KiB.',
  },
  request_timeout: {
    status: 408,
    title: 'The request came too slowly.',
    description: 'Its headers or its body did not arrive in time. It was not carried out: send it again.',
  },
  expectation_failed: {
    status: 417,
    title: 'The request expects what the server does not do.',
    description: 'The only `Expect` that is understood is `100-continue`.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not the JSON it should be.',
    description:
      'The body is not valid JSON in UTF-8, is not an object, or gives `payload` twice; of other fields given twice the last one counts. The detail names the byte where reading stopped.',
  },
  unknown_field: {
    status: 422,
    title: 'The request has a field that does not exist.',
    description: 'Unknown fields are refused by name, so that a misspelt one is not silently ignored. See `errors`.',
  },
  invalid_field: {
    status: 422,
    title: 'A field has a value that is not allowed.',
    description: 'A field is missing, of the wrong type or outside its limits. Every one is listed in `errors`.',
  },
  payload_too_large: {
    status: 413,
    title: 'The payload of the event is too large.',
    description: 'The limit is 256 KiB unless the operator set another. Send a link to large data instead.',
  },
  payload_too_deep: {
    status: 422,
    title: 'The JSON is nested too deeply.',
    description: 'Objects and arrays may be nested 64 levels deep unless the operator set another limit.',
  },
  body_too_large: {
    status: 413,
    title: 'The body of the request is too large.',
    description: 'The body as a whole is limited as well. Send fewer events per batch.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is of a type that is not understood.',
    description: 'Send `Content-Type: application/json` in UTF-8, without `Content-Encoding`.',
  },
  unauthenticated: {
    status: 401,
    title: 'There is no valid API key in the request.',
    description: 'The key is missing, unknown, expired or revoked. Send it as `Authorization: Bearer <key>`.',
  },
  forbidden: {
    status: 403,
    title: 'The API key may not do this.',
    description: 'The key is valid but lacks the scope that the detail names. Make a key that has it.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing.',
    description: 'It never existed, was deleted or pruned, or belongs to another org; these cannot be told apart.',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such route.',
    description: 'The path is none of this API.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The route does not take this method.',
    description: 'The path exists, the method does not. The `Allow` header lists those that do.',
  },
  idempotency_conflict: {
    status: 409,
    title: 'The idempotency key was used for another request.',
    description:
      'The same `Idempotency-Key` came with a different body within 48 hours. Use a new key for a new request.',
  },
  idempotency_key_invalid: {
    status: 422,
    title: 'The idempotency key is not valid.',
    description: 'An `Idempotency-Key` has 1 to 255 visible ASCII characters.',
  },
  unknown_event_type: {
    status: 422,
    title: 'The type of the event is not in the catalogue.',
    description:
      'The org refuses types that its catalogue does not have (`unknown_event_types`). Add the type, or correct it.',
  },
  payload_schema_mismatch: {
    status: 422,
    title: 'The payload is not what its schema says.',
    description:
      'The event type has a JSON Schema, and the payload does not fit it. `errors` names the places by JSON Pointer; parts of them that the schema does not name are shown as `*`.',
  },
  schema_invalid: {
    status: 422,
    title: 'The JSON Schema cannot be used.',
    description:
      'Schemas are draft 2020-12 or draft-07, refer to nothing but themselves, have patterns without look-around and back-references, and stay within 32 KiB and 200 subschemas. See `errors`.',
  },
  schema_timeout: {
    status: 503,
    title: 'The check by a JSON Schema took too long.',
    description:
      'Nothing was stored. Send the request again after `Retry-After`. If it never succeeds, the schema is too expensive for such payloads: simplify it.',
  },
  event_type_limit_reached: {
    status: 409,
    title: 'The catalogue is full.',
    description:
      'An org has at most 1,000 event types, and each of them 100 versions of its schema. Delete what is no longer used.',
  },
  slug_taken: {
    status: 409,
    title: 'There is an org of that name already.',
    description: 'Slugs are unique among the orgs that exist. Choose another.',
  },
  webhook_limit_reached: {
    status: 409,
    title: 'The org has as many webhooks as it may have.',
    description: 'The limit is 100 per org unless the operator set another. Delete one that is no longer used.',
  },
  host_limit_reached: {
    status: 409,
    title: 'The org has as many webhooks to this host as it may have.',
    description:
      'The limit is 50 per org and host, whatever the port, unless the operator set another. Let one webhook take several event types, or delete one that is no longer used.',
  },
  duplicate_url: {
    status: 409,
    title: 'Another webhook of the org has the same URL.',
    description:
      'The org is set up to have every URL once. The detail names the other webhook: change that one, or use another URL.',
  },
  precondition_failed: {
    status: 412,
    title: 'The webhook was changed since it was read.',
    description:
      'Its `ETag` is none of those in `If-Match`. Read it again, see whether the change still makes sense, and send it with the new one.',
  },
  webhook_not_active: {
    status: 409,
    title: 'The webhook is not active.',
    description: 'Nothing is sent to a webhook that is suspended or not enabled. Unsuspend or enable it first.',
  },
  not_diverted: {
    status: 404,
    title: 'The event is not among the diverted ones of this webhook.',
    description: 'It was resent, deleted or pruned meanwhile, or was never diverted.',
  },
  delivery_pending: {
    status: 409,
    title: 'The delivery has not ended yet.',
    description: 'Its next attempt is under way or due. Wait for it, or ask for all that is pending with `retry-now`.',
  },
  event_gone: {
    status: 410,
    title: 'The event is not stored any more.',
    description: 'Events are pruned after their retention: there is nothing left that could be sent. Publish it anew.',
  },
  too_many_operations: {
    status: 409,
    title: 'The org has as many operations running as it may have.',
    description: 'At most 20 run at the same time. Wait until one is done, or cancel one.',
  },
  invalid_cursor: {
    status: 422,
    title: 'The cursor is not valid.',
    description: 'Cursors are opaque: pass `next_cursor` back unchanged, with the same filters. Or start without one.',
  },
  url_not_allowed: {
    status: 422,
    title: 'Webhooks may not be sent to this URL.',
    description:
      'URLs are https, have no user name, password or fragment, a public host name and an allowed port. See `errors`. The operator may allow `http` and networks inside: `HOOKLANE_ALLOW_HTTP`, `HOOKLANE_ALLOW_NETWORKS`.',
  },
  header_not_allowed: {
    status: 422,
    title: 'A custom header is not allowed.',
    description:
      'Headers that steer the connection, name the sender or carry signatures cannot be set; at most 20 headers and 8 KiB. See `errors`.',
  },
  secret_invalid: {
    status: 422,
    title: 'The signing secret does not fit the webhook.',
    description:
      'The profile `standard` takes `whsec_` followed by 24 to 64 bytes in base64, or a pair of keys that is made for you; the others take any text of 1 to 512 characters. A profile can be changed once all valid secrets fit the new one.',
  },
  too_many_secrets: {
    status: 409,
    title: 'The webhook has as many valid secrets as it may have.',
    description:
      'At most 10 secrets sign at the same time. Wait until an older one has expired, or rotate with a shorter overlap.',
  },
  rate_limited: {
    status: 429,
    title: 'A rate limit is used up.',
    description:
      'The key or its org did more per second than it may. Nothing was done: send the request again after `Retry-After`. `RateLimit-Policy` names the limits.',
  },
  secret_in_use: {
    status: 409,
    title: 'The secret is the one in use.',
    description:
      'It signs everything that is sent. Rotate to a new one first, which then is the one in use, or turn signing off.',
  },
  overloaded: {
    status: 503,
    title: 'The server is too busy at the moment.',
    description: 'Nothing was stored. Send the request again after `Retry-After`, with the same idempotency key.',
  },
  unavailable: {
    status: 503,
    title: 'The database cannot be reached at the moment.',
    description:
      'Whether the request took effect is unknown. Send it again after `Retry-After`, with the same idempotency key.',
  },
  newer_version: {
    status: 503,
    title: 'Only a newer version of this program can say it.',
    description:
      'A webhook is set up in a way that this process does not know: a newer version runs beside it, or has been taken back. Nothing was changed. Send the request again after `Retry-After`: another process may answer it. If it never succeeds, tell the operator.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side.',
    description: 'A defect. Tell the operator the `request_id`: the log says more.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorContext {
  problems?: readonly Problem[];
  /** When to come again, ms from now; goes into `Retry-After`. */
  retryAfterMs?: number;
  /** What was caught; for the log, never for the answer. */
  cause?: unknown;
}

/** A use case cannot be carried out, for a reason the caller is told: code, detail and problems go into the answer. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  /** What is special about this occurrence, in a sentence. Nothing secret. */
  readonly detail: string;
  readonly problems?: readonly Problem[];
  /** When to come again, ms from the time it was thrown. */
  readonly retryAfterMs?: number;

  /** Without a detail the title of the code serves as one. */
  constructor(code: ErrorCode, detail: string = ERRORS[code].title, context: ErrorContext = {}) {
    super(`${code}: ${detail}`, 'cause' in context ? { cause: context.cause } : undefined);
    this.code = code;
    this.detail = detail;
    if (context.problems !== undefined) this.problems = context.problems;
    if (context.retryAfterMs !== undefined) this.retryAfterMs = context.retryAfterMs;
  }
}
