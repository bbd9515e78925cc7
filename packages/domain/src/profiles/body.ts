/** The payload in the midst of an object of our own, byte for byte: `{…fields, "name": payload}`. */
export function wrapped(fields: Readonly<Record<string, string>>, name: string, payload: Buffer): Buffer {
  const head = `${JSON.stringify(fields).slice(0, -1)},${JSON.stringify(name)}:`;
  return Buffer.concat([Buffer.from(head), payload, CLOSE]);
}

const CLOSE = Buffer.from('}');

/**
 * The payload as JavaScript would write it: for receivers that parse the body, write it again and check the signature
 * of that. Numbers beyond 2^53, repeated keys and integer-like keys do not survive it; the bytes that are sent are
 * signed, so every receiver verifies.
 */
export function reserialised(payload: Buffer): Buffer {
  return Buffer.from(JSON.stringify(JSON.parse(payload.toString('utf8'))));
}

/** `payload=` and the JSON, as a browser would send it in a form. */
export function asForm(json: Buffer): Buffer {
  return Buffer.from(new URLSearchParams({ payload: json.toString('utf8') }).toString());
}
