/**
 * SIP messages as the suite's own phone needs them (RFC 3261 7): start line, headers in order, body. No
 * folding, UDP only.
 */

export interface SipMessage {
  /** Set in requests. */
  method?: string;
  requestUri?: string;
  /** Set in responses. */
  status?: number;
  reason?: string;
  headers: [name: string, value: string][];
  body: string;
}

const compactNames: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  k: 'supported',
};

const longName = (name: string): string => {
  const lower = name.toLowerCase();
  return compactNames[lower] ?? lower;
};

/** Reads a datagram. Throws when it is no SIP message at all. */
export function parseSipMessage(datagram: Buffer): SipMessage {
  const text = datagram.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`not a SIP message: ${text.slice(0, 60)}`);
  const lines = text.slice(0, end).split('\r\n');
  const [first = '', second = '', ...rest] = (lines.shift() ?? '').split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const message: SipMessage = { headers, body: text.slice(end + 4) };
  if (first === 'SIP/2.0') return { ...message, status: Number(second), reason: rest.join(' ') };
  return { ...message, method: first, requestUri: second };
}

/** Writes a message, Content-Length included. */
export function formatSipMessage(message: SipMessage): Buffer {
  const start =
    message.status === undefined
      ? `${message.method} ${message.requestUri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason ?? ''}`;
  const lines = message.headers.map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(
    [start, ...lines, `Content-Length: ${Buffer.byteLength(message.body)}`, '', message.body].join('\r\n'),
  );
}

/** All values of a header, in order, lists split at the commas between them (never within quotes or <>). */
export function headerValues(message: SipMessage, name: string): string[] {
  const wanted = longName(name);
  return message.headers.filter(([n]) => longName(n) === wanted).flatMap(([, value]) => splitList(value));
}

/** The first header of that name, unsplit. */
export function header(message: SipMessage, name: string): string | undefined {
  const wanted = longName(name);
  return message.headers.find(([n]) => longName(n) === wanted)?.[1];
}

function splitList(value: string): string[] {
  const parts: string[] = [];
  let current = '';
  let quoted = false;
  let angle = false;
  for (const character of value) {
    if (character === '"') quoted = !quoted;
    if (character === '<') angle = true;
    if (character === '>') angle = false;
    if (character === ',' && !quoted && !angle) {
      parts.push(current.trim());
      current = '';
    } else current += character;
  }
  parts.push(current.trim());
  return parts.filter((part) => part !== '');
}

/** The URI of a name-addr or addr-spec. */
export function uriOf(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0] ?? value;
}

/** A parameter of a header, without quotes. */
export function parameter(value: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^;,\\s]*))`, 'i').exec(value);
  return match?.[1] ?? match?.[2];
}
