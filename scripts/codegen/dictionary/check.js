'use strict';
/**
 * What a dictionary must satisfy beyond its syntax: names are unique in a dictionary and may stand
 * for another AVP in the next one, a code and vendor always mean one AVP, every rule names a known AVP,
 * every Grouped AVP has its format and every Enumerated one its values, requests and answers come in pairs.
 * A format that holds in some commands only is of an AVP of the same dictionary that stands in them.
 */
const { DictionaryError } = require('./parse');
const { groupsWithin } = require('./command-groups');

/**
 * @typedef {import('./parse').Source} Source
 * @typedef {import('./parse').Avp} Avp
 */

/**
 * @param {Source} source
 * @param {Source[]} used the dictionaries it builds on
 * @returns {Map<string, Avp>} every AVP that its rules may name
 */
function checkDictionary(source, used) {
  /** @type {Map<string, Avp>} */
  const byName = new Map();
  const byCode = new Map();
  for (const one of [...used, source]) {
    const own = new Set();
    for (const avp of one.avps) {
      const key = `${avp.vendorId}:${avp.code}`;
      const known = byCode.get(key);
      if (own.has(avp.name)) throw new DictionaryError(one.file, avp.line, `${avp.name} is defined twice`);
      if (known !== undefined && known.name !== avp.name)
        throw new DictionaryError(one.file, avp.line, `${avp.name} has the code of ${known.name}`);
      if (known !== undefined && known.type !== avp.type)
        throw new DictionaryError(one.file, avp.line, `${avp.name} was of type ${known.type} before`);
      own.add(avp.name);
      byName.set(avp.name, avp);
      byCode.set(key, avp);
    }
  }
  const commands = source.errorAnswer === null ? source.commands : [...source.commands, source.errorAnswer];
  for (const { rules, line } of [...commands, ...source.groups]) {
    const seen = new Set();
    for (const rule of rules) {
      if (rule.avp !== 'AVP' && !byName.has(rule.avp))
        throw new DictionaryError(source.file, line, `unknown AVP ${rule.avp}`);
      if (seen.has(rule.avp))
        throw new DictionaryError(source.file, line, `${rule.avp} stands twice in one format`);
      seen.add(rule.avp);
    }
  }
  for (const group of source.groups) {
    const avp = byName.get(group.name);
    if (
      avp === undefined ||
      avp.type !== 'Grouped' ||
      avp.code !== group.code ||
      avp.vendorId !== group.vendorId
    ) {
      throw new DictionaryError(
        source.file,
        group.line,
        `${group.name}: the AVP Header contradicts the AVP table`,
      );
    }
  }
  for (const avp of source.avps) {
    const formats = source.groups.filter(({ name, commands }) => name === avp.name && commands.length === 0);
    if (avp.type === 'Grouped' && formats.length === 0) {
      throw new DictionaryError(source.file, avp.line, `${avp.name} is Grouped but has no format`);
    }
    const [, second] = formats;
    if (second !== undefined)
      throw new DictionaryError(source.file, second.line, `${avp.name} has two formats`);
    if (avp.type === 'Enumerated' && !source.enumerations.some((list) => list.name === avp.name)) {
      throw new DictionaryError(source.file, avp.line, `${avp.name} is Enumerated but has no values`);
    }
  }
  for (const list of [...source.enumerations, ...source.resultCodes]) {
    if (!byName.has(list.name))
      throw new DictionaryError(source.file, list.line, `values for the unknown AVP ${list.name}`);
  }
  for (const command of source.commands) {
    const pair = source.commands.some(
      (other) => other.code === command.code && other.request !== command.request,
    );
    if (!pair)
      throw new DictionaryError(source.file, command.line, `${command.abbreviation} has no counterpart`);
  }
  checkCommandGroups(source);
  return byName;
}

/** The formats that hold in some commands only. @param {Source} source */
function checkCommandGroups(source) {
  const seen = new Set();
  for (const { name, commands, line } of source.groups) {
    for (const abbreviation of commands) {
      const command = source.commands.find((one) => one.abbreviation === abbreviation);
      /** @param {string} what */
      const refuse = (what) => new DictionaryError(source.file, line, what);
      if (command === undefined) throw refuse(`unknown command ${abbreviation}`);
      if (!source.avps.some((avp) => avp.name === name))
        throw refuse(`${name} is of another dictionary: define it again to vary its format`);
      if (seen.has(`${name} ${abbreviation}`)) throw refuse(`${name} has two formats in ${abbreviation}`);
      seen.add(`${name} ${abbreviation}`);
      if (!groupsWithin(source, command).has(name)) throw refuse(`${abbreviation} contains no ${name}`);
    }
  }
}

module.exports = { checkDictionary };
