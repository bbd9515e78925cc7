/** An answer of a route; `body` is left out where the definition says null. */
export function answer<const S extends number>(
  status: S,
): { status: S; body: undefined; headers: Readonly<Record<string, string>> };
export function answer<const S extends number, B>(
  status: S,
  body: B,
  headers?: Readonly<Record<string, string>>,
): { status: S; body: B; headers: Readonly<Record<string, string>> };
export function answer(status: number, body?: unknown, headers: Readonly<Record<string, string>> = NO_HEADERS) {
  return { status, body, headers };
}

const NO_HEADERS = {};

/** JSON that is sent as it is. `T`: what it holds, for the compiler. */
export class JsonText<T> {
  readonly text: string;
  /** Never there at run time: without it texts of all types would be the same to the compiler. */
  declare readonly holds: T;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * An object with the payload of its event as it was published: parsed and written again it could lose digits of numbers,
 * repeated keys and the order of keys.
 */
export function withPayload<F extends object>(fields: F, payload: Buffer): JsonText<F & { payload: unknown }> {
  const head = JSON.stringify(fields).slice(0, -1);
  return new JsonText(`${head},"payload":${payload.toString('utf8')}}`);
}

/** A page of what {@link withPayload} made. */
export function pageOfTexts<T, F extends object>(
  data: readonly JsonText<T>[],
  fields: F,
): JsonText<F & { data: readonly T[] }> {
  const tail = JSON.stringify(fields).slice(1);
  return new JsonText(`{"data":[${data.map((item) => item.text).join(',')}],${tail}`);
}
