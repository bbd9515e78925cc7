/**
 * The URL as it may appear in a log: scheme, host, port and path. User info, query and fragment are where people put
 * credentials. What is no URL becomes `[not a URL]`, since it may be a secret pasted into the wrong field.
 */
export function redactUrl(url: string | URL): string {
  const text = String(url);
  if (!URL.canParse(text)) return '[not a URL]';
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
