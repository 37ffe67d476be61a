'use strict';
/**
 * Grouped AVPs that have another format in some commands (`@groups ULA IDR`), for the types of TypeScript. A
 * command sees another type of such an AVP, and of every group that contains one. Commands that see the same
 * share a type.
 *
 * @typedef {import('./parse').Source} Source
 * @typedef {import('./parse').Command} Command
 * @typedef {import('./parse').Group} Group
 * @typedef {import('./parse').Rule} Rule
 * @typedef {Group & { commands: string[], isWritten: boolean }} CommandGroup `isWritten`: has a format of its
 * own in these commands; false: only contains a group that has
 */

/** @param {Source} source @param {string} avp @param {string} abbreviation @returns {Group | undefined} the format in force */
function formatIn(source, avp, abbreviation) {
  const formats = source.groups.filter(({ name }) => name === avp);
  return (
    formats.find(({ commands }) => commands.includes(abbreviation)) ??
    formats.find(({ commands }) => commands.length === 0)
  );
}

/** Names of the dictionary's Grouped AVPs in a command, however deep. @param {Source} source @param {Command} command @returns {Set<string>} */
function groupsWithin(source, { abbreviation, rules }) {
  /** @type {Set<string>} */
  const within = new Set();
  /** @param {Rule} rule */
  const visit = ({ avp }) => {
    const format = formatIn(source, avp, abbreviation);
    if (format === undefined || within.has(avp)) return;
    within.add(avp);
    format.rules.forEach(visit);
  };
  rules.forEach(visit);
  return within;
}

/**
 * What an AVP looks like in a command, as a text that is the same for commands that see the same; the bare
 * name where the command sees what all others see. @param {Source} source @param {string} avp
 * @param {string} abbreviation @param {string[]} around the groups that it stands in @returns {string}
 */
function shapeOf(source, avp, abbreviation, around = []) {
  const format = formatIn(source, avp, abbreviation);
  if (format === undefined || around.includes(avp)) return avp;
  const inner = format.rules.map((rule) => shapeOf(source, rule.avp, abbreviation, [...around, avp]));
  const differs =
    format.commands.length > 0 || inner.some((shape, index) => shape !== format.rules[index]?.avp);
  return differs ? `${avp}:${format.line}(${inner.join()})` : avp;
}

/** @param {Source} source @returns {CommandGroup[]} one for each type */
function commandGroups(source) {
  /** @type {Map<string, CommandGroup>} */
  const byShape = new Map();
  if (source.groups.every(({ commands }) => commands.length === 0)) return [];
  for (const command of source.commands) {
    for (const avp of groupsWithin(source, command)) {
      const shape = shapeOf(source, avp, command.abbreviation);
      const format = formatIn(source, avp, command.abbreviation);
      if (shape === avp || format === undefined) continue;
      const known = byShape.get(shape);
      if (known === undefined)
        byShape.set(shape, {
          ...format,
          commands: [command.abbreviation],
          isWritten: format.commands.length > 0,
        });
      else known.commands.push(command.abbreviation);
    }
  }
  return [...byShape.values()];
}

module.exports = { commandGroups, groupsWithin };
