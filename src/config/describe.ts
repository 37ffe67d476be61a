/** The configuration in words, made from the schema: hss.example.yaml and docs/configuration.md. */
import { stringify } from 'yaml';
import { environmentAliases } from './environment';
import {
  allowedText,
  environmentName,
  pathText,
  settingsTree,
  type SettingNode,
  type SettingPath,
} from './settings-tree';

const COMMENT_WIDTH = 116;

/** A file with every setting, its meaning, what is allowed and its default; loading it gives the defaults. */
export function exampleYaml(): string {
  return [
    '# Every setting of the HSS with its default: copy this file to hss.yaml and keep what you change.',
    '# A setting after "#" has no default. `hss config check` names every mistake, `hss config show` what is in force.',
    '# Settings can come from the environment as well: HSS__DIAMETER__ORIGIN_HOST sets diameter.originHost.',
    ...Object.entries(settingsTree.properties ?? {}).flatMap(([name, node]) => [
      '',
      ...exampleSetting(name, node, 0),
    ]),
    '',
  ].join('\n');
}

function exampleSetting(name: string, node: SettingNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const comment = (text: string) =>
    wrapped(text, COMMENT_WIDTH - indent.length).map((line) => `${indent}# ${line}`);
  if (node.properties !== undefined) {
    const settings = Object.entries(node.properties).flatMap(([key, child]) =>
      exampleSetting(key, child, depth + 1),
    );
    return [...comment(sentence(node.description)), `${indent}${name}:`, ...settings];
  }
  const heading = comment(`${sentence(node.description)} Allowed: ${allowedOf(node)}.`);
  if (node.items?.properties !== undefined)
    return [
      ...heading,
      ...comment('Each entry has:'),
      ...entrySettings(node.items, indent),
      ...entryValue(name, node, indent),
    ];
  if (node.default === undefined) return [...heading, `${indent}# ${name}:`];
  return [...heading, `${indent}${name}: ${inline(node.default)}`];
}

function entrySettings(items: SettingNode, indent: string): string[] {
  return Object.entries(items.properties ?? {}).flatMap(([key, child]) => {
    const necessity =
      items.required?.includes(key) === true
        ? 'required'
        : child.default === undefined
          ? 'optional'
          : `default ${inline(child.default)}`;
    return wrapped(
      `${key}: ${sentence(child.description)} Allowed: ${allowedText(child)}; ${necessity}.`,
      COMMENT_WIDTH - indent.length - 4,
    ).map((line, index) => `${indent}#   ${index === 0 ? '' : '  '}${line}`);
  });
}

function entryValue(name: string, node: SettingNode, indent: string): string[] {
  const entries = Array.isArray(node.default) ? node.default : [];
  if (entries.length === 0) return [`${indent}${name}: []`];
  return stringify({ [name]: entries })
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}`);
}

/** docs/configuration.md. */
export function referenceMarkdown(): string {
  const aliases = Object.entries(environmentAliases)
    .map(([name, path]) => `\`${name}\` (\`${pathText(path)}\`)`)
    .join(' and ');
  return [
    '# Configuration',
    '',
    '<!-- Made from the schema in src/config/ by `hss config reference`; do not edit. -->',
    '',
    'Everything has a default, so no file is needed. One YAML file can change settings: the one that `--config` names, else the one that',
    '`HSS_CONFIG` names, else `hss.yaml` in the current folder. Environment variables go before the file: `HSS__` and the path, its parts joined',
    'with two underscores, its words with one (`HSS__DIAMETER__ORIGIN_HOST`, `HSS__DIAMETER__LISTEN__0__PORT`). Lists are written `a,b` or `[a, b]`,',
    `list entries and sections as YAML (\`HSS__PEERS='[{identity: scscf.example.org}]'\`). Short names: ${aliases}.`,
    '',
    'A mistake ends the start with exit status 78 and names its path, its line, what was found and what is allowed; all mistakes come at once.',
    '`hss config check` does only that; `hss config show` prints the settings in force with secrets masked; [hss.example.yaml](../hss.example.yaml)',
    'holds every setting. Relative paths start at the folder of the configuration file, else at the current one.',
    ...referenceSections(settingsTree, []),
    '',
  ].join('\n');
}

function referenceSections(node: SettingNode, path: SettingPath): string[] {
  const lines: string[] = [];
  const children = Object.entries(node.properties ?? {});
  const leaves = children.filter(
    ([, child]) =>
      child.properties === undefined && (child.items?.properties === undefined || path.length > 0),
  );
  if (leaves.length > 0) {
    lines.push('', '| setting | meaning | allowed | default | environment |', '|---|---|---|---|---|');
    for (const [name, child] of leaves) {
      const full = [...path, name];
      lines.push(
        `| \`${sectionName(full)}\` | ${cell(child.description ?? '')} | ${cell(allowedOf(child))} | ${defaultCell(child, node.required?.includes(name) === true)} | \`${environmentName(full)}\` |`,
      );
    }
  }
  for (const [name, child] of children) {
    const inner = child.properties === undefined ? child.items : child;
    if (inner?.properties === undefined) continue;
    const full = child.properties === undefined ? [...path, name, 0] : [...path, name];
    const title = sectionName(full);
    lines.push(
      '',
      `${'#'.repeat(Math.min(2 + path.length, 4))} ${title}`,
      '',
      sentence(child.description),
      ...referenceSections(inner, full),
    );
  }
  return lines;
}

function sectionName(path: SettingPath): string {
  return pathText(path).replaceAll('[0]', '[]');
}

function defaultCell(node: SettingNode, required: boolean): string {
  if (required) return 'required';
  return node.default === undefined ? 'none' : `\`${cell(inline(node.default))}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*_', '\\*\\_');
}

function allowedOf(node: SettingNode): string {
  if (node.items?.properties === undefined) return allowedText(node);
  return `a list of ${node.minItems ?? 0} to ${node.maxItems ?? 'any number of'} entries`;
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}

function sentence(text = ''): string {
  return text === '' || /[.:]$/.test(text) ? text : `${text}.`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
