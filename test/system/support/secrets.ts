/** What must never be in a log, by name. */
export type Secrets = ReadonlyMap<string, string>;

/** Names of the secrets that the text holds: as hex in either case, as base64, or as they are. */
export function redactedFor(text: string, secrets: Secrets): string[] {
  const lower = text.toLowerCase();
  const found: string[] = [];
  for (const [name, secret] of secrets) {
    if (lower.includes(secret.toLowerCase())) found.push(name);
    else if (/^([0-9a-f]{2})+$/i.test(secret) && text.includes(Buffer.from(secret, 'hex').toString('base64')))
      found.push(`${name} in base64`);
  }
  return found;
}
