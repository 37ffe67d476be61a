/** The configuration as it may be shown: passwords in URLs, tokens and keys are hidden. */
import { isSection } from './environment';
import { settingsTree, type SettingNode } from './settings-tree';

export const MASK = '********';

/** A copy with every setting hidden that the schema marks as secret. */
export function masked(config: object): Record<string, unknown> {
  const copy = maskNode(config, settingsTree);
  return isSection(copy) ? copy : {};
}

function maskNode(value: unknown, node: SettingNode | undefined): unknown {
  if (value === undefined) return undefined;
  if (node?.secret === 'value') return MASK;
  if (node?.secret === 'url' && typeof value === 'string') return maskUrl(value);
  if (Array.isArray(value)) return value.map((entry) => maskNode(entry, node?.items));
  if (isSection(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, maskNode(entry, node?.properties?.[key])]),
    );
  return value;
}

/**
 * Hides the password of the authority, up to the last "@" (a password may hold an unescaped one), and of
 * parameters.
 */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/?#@]*:)\S*@/i, `$1${MASK}@`)
    .replace(/([?&](?:ssl)?(?:password|key)=)[^&#]*/gi, `$1${MASK}`);
}
