'use strict';
/**
 * Reads dictionary/*.dia: the Command Code Format of RFC 6733 clauses 3.2 and 4.4 with the few directives
 * that dictionary/README.md lists. A mistake names file and line.
 *
 * @typedef {{ name: string, code: number, vendorId: number, type: string, mandatory: boolean, line: number }}
 * Avp
 * @typedef {{ avp: string, bracket: '<' | '{' | '[', min: number, max: number, absenceTolerated: boolean }}
 * Rule
 * @typedef {{ abbreviation: string, name: string, clause: string, code: number, request: boolean, proxiable:
 * boolean,
 *   error: boolean, applicationId: number | null, rules: Rule[], line: number }} Command
 * @typedef {{ name: string, code: number, vendorId: number, clause: string, commands: string[],
 * rules: Rule[], line: number }} Group `commands`: those that have this format; empty: all others
 * @typedef {{ name: string, clause: string, values: Array<{ name: string, value: number }>, line: number }}
 * Enumeration
 * @typedef {{ file: string, name: string, uses: string[], applications: Array<{ id: number, name: string }>,
 * vendors: Array<{ id: number, name: string }>, avps: Avp[], commands: Command[], errorAnswer: Command |
 * null,
 *   groups: Group[], enumerations: Enumeration[], resultCodes: Enumeration[] }} Source
 */

const TYPES = new Set([
  'OctetString',
  'Integer32',
  'Integer64',
  'Unsigned32',
  'Unsigned64',
  'Float32',
  'Float64',
  'Grouped',
  'Address',
  'Time',
  'UTF8String',
  'DiameterIdentity',
  'DiameterURI',
  'Enumerated',
  'IPFilterRule',
]);
const UNLIMITED = -1;
const NAME = '[A-Za-z0-9][A-Za-z0-9_-]*';

class DictionaryError extends Error {
  /** @param {string} file @param {number} line @param {string} message */
  constructor(file, line, message) {
    super(`${file}:${line}: ${message}`);
    this.name = 'DictionaryError';
  }
}

/**
 * @param {string} text @returns {{ words: string, clause: string }} a directive's words and its trailing
 * [clause]
 */
function splitClause(text) {
  const match = /^(.*?)\s*(?:\[([^\]]+)\])?$/.exec(text);
  return { words: match?.[1] ?? text, clause: match?.[2] ?? '' };
}

/** @param {string} file @param {string} text @returns {Source} */
function parseDictionary(file, text) {
  /** @type {Source} */
  const source = {
    file,
    name: '',
    uses: [],
    applications: [],
    vendors: [],
    avps: [],
    commands: [],
    errorAnswer: null,
    groups: [],
    enumerations: [],
    resultCodes: [],
  };
  let section = '';
  let vendorId = 0;
  /** @type {number | null} */
  let applicationId = null;
  /** @type {string[]} */
  let groupCommands = [];
  /** @type {Enumeration | null} */
  let list = null;
  /** @type {{ abbreviation: string, name: string, clause: string, isErrorAnswer: boolean } | null} */
  let heading = null;
  /** @type {Rule[] | null} */
  let rules = null;

  /** @param {string} word @param {number} line */
  const numberOf = (word, line) => {
    if (!/^\d+$/.test(word)) throw new DictionaryError(file, line, `expected a number, found "${word}"`);
    return Number(word);
  };

  /** @param {string} content @param {number} line */
  const directive = (content, line) => {
    const [keyword = '', ...rest] = content.split(/\s+/);
    const { words, clause } = splitClause(rest.join(' '));
    const [first = '', ...others] = words.split(' ');
    rules = null;
    list = null;
    switch (keyword) {
      case '@dictionary':
        source.name = first;
        break;
      case '@uses':
        source.uses.push(first);
        break;
      case '@application':
        source.applications.push({ id: numberOf(first, line), name: others.join(' ') });
        break;
      case '@vendor':
        source.vendors.push({ id: numberOf(first, line), name: others.join(' ') });
        break;
      case '@avps':
        section = 'avps';
        vendorId = numberOf(first, line);
        break;
      case '@commands':
        section = 'commands';
        applicationId = first === 'any' ? null : numberOf(first, line);
        break;
      case '@groups':
        section = 'groups';
        groupCommands = [first, ...others].filter((word) => word !== '');
        break;
      case '@command':
        heading = { abbreviation: first, name: others.join(' '), clause, isErrorAnswer: false };
        break;
      case '@error-answer':
        heading = { abbreviation: first, name: first, clause, isErrorAnswer: true };
        break;
      case '@enum':
      case '@result-codes':
        section = 'values';
        list = { name: first, clause, values: [], line };
        (keyword === '@enum' ? source.enumerations : source.resultCodes).push(list);
        break;
      default:
        throw new DictionaryError(file, line, `unknown directive ${keyword}`);
    }
  };

  /** @param {string} content @param {number} line */
  const avpLine = (content, line) => {
    const [name = '', code = '', type = '', flags = '', ...rest] = content.split(/\s+/);
    if (rest.length > 0 || flags === '')
      throw new DictionaryError(file, line, 'expected: name code type flags');
    if (!TYPES.has(type)) throw new DictionaryError(file, line, `unknown AVP type ${type}`);
    if (!/^(?:-|M?V?)$/.test(flags))
      throw new DictionaryError(file, line, `flags are M, V, MV or -, not ${flags}`);
    if (flags.includes('V') !== (vendorId !== 0)) {
      throw new DictionaryError(
        file,
        line,
        `the V flag and the section's vendor ${vendorId} contradict each other`,
      );
    }
    source.avps.push({
      name,
      code: numberOf(code, line),
      vendorId,
      type,
      mandatory: flags.includes('M'),
      line,
    });
  };

  /** @param {string} content @param {number} line */
  const ruleLine = (content, line) => {
    const pattern = new RegExp(
      `^(?:(\\d*)(\\*)(\\d*))?\\s*([<{[])\\s*(${NAME})\\s*([>}\\]])\\s*(@absence-tolerated)?$`,
    );
    const match = pattern.exec(content);
    if (match === null || rules === null)
      throw new DictionaryError(file, line, `not an AVP rule: ${content}`);
    const [, min, star, max, open, avp = '', close, tolerated] = match;
    if (open === undefined || { '<': '>', '{': '}', '[': ']' }[open] !== close) {
      throw new DictionaryError(file, line, `brackets do not match: ${content}`);
    }
    const bracket = /** @type {'<' | '{' | '['} */ (open);
    // RFC 6733 clause 3.2, "qual": what an absent qualifier or bound stands for.
    const defaultMin = star === undefined ? (bracket === '[' ? 0 : 1) : bracket === '{' ? 1 : 0;
    const minimum = min ? Number(min) : defaultMin;
    const maximum = star === undefined ? 1 : max ? Number(max) : UNLIMITED;
    if (bracket === '[' && minimum !== 0)
      throw new DictionaryError(file, line, 'an optional rule starts from 0');
    if (bracket === '{' && minimum < 1)
      throw new DictionaryError(file, line, 'a required rule starts from 1');
    rules.push({ avp, bracket, min: minimum, max: maximum, absenceTolerated: tolerated !== undefined });
  };

  /** @param {string} content @param {number} line */
  const definitionLine = (content, line) => {
    const command =
      /^<?\s*[A-Za-z0-9-]+\s*>?\s*::=\s*<\s*Diameter Header:\s*(\d+)((?:,\s*(?:REQ|PXY|ERR|\d+))*)\s*>$/.exec(
        content,
      );
    if (command !== null) {
      if (heading === null) throw new DictionaryError(file, line, 'a command needs @command before it');
      const flags = (command[2] ?? '').split(',').map((word) => word.trim());
      const stated = flags.find((word) => /^\d+$/.test(word));
      if (stated !== undefined && Number(stated) !== applicationId) {
        throw new DictionaryError(
          file,
          line,
          `application ${stated} in a section for ${applicationId ?? 'any'}`,
        );
      }
      rules = [];
      const entry = {
        abbreviation: heading.abbreviation,
        name: heading.name,
        clause: heading.clause,
        code: Number(command[1]),
        request: flags.includes('REQ'),
        proxiable: flags.includes('PXY'),
        error: flags.includes('ERR'),
        applicationId,
        rules,
        line,
      };
      if (heading.isErrorAnswer) source.errorAnswer = entry;
      else source.commands.push(entry);
      heading = null;
      return;
    }
    const group = /^<?\s*([A-Za-z0-9-]+)\s*>?\s*::=\s*<\s*AVP Header:\s*(\d+)(?:[ ,]+(\d+))?\s*>$/i.exec(
      content,
    );
    if (group === null) throw new DictionaryError(file, line, `not a definition: ${content}`);
    rules = [];
    source.groups.push({
      name: group[1] ?? '',
      code: Number(group[2]),
      vendorId: Number(group[3] ?? 0),
      clause: '',
      commands: groupCommands,
      rules,
      line,
    });
  };

  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const content = raw.replace(/;.*$/, '').trim();
    if (content === '') return;
    if (content.startsWith('@')) directive(content, line);
    else if (content.includes('::=')) definitionLine(content, line);
    else if (list !== null) {
      const [name = '', value = '', ...rest] = content.split(/\s+/);
      if (rest.length > 0) throw new DictionaryError(file, line, 'expected: name value');
      list.values.push({ name, value: numberOf(value, line) });
    } else if (section === 'avps') avpLine(content, line);
    else ruleLine(content, line);
  });
  return source;
}

module.exports = { parseDictionary, DictionaryError, UNLIMITED };
