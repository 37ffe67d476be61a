'use strict';
/**
 * The interfaces of a dictionary: one for each Grouped AVP and command, and one more for each group that some
 * commands have in another format.
 */
const { commandGroups } = require('./command-groups');
const { commandGroupType, typeName } = require('./names');

/**
 * @typedef {import('./parse').Source} Source
 * @typedef {import('./parse').Rule} Rule
 * @typedef {import('./parse').Command} Command
 * @typedef {import('./parse').Group} Group
 * @typedef {import('./command-groups').CommandGroup} CommandGroup
 * @typedef {{ interfaceName: string, doc: string, rules: Rule[], memberGroups: CommandGroup[] }} Structure
 * `memberGroups`: the groups of other types in the commands that it is for
 */

/** @param {CommandGroup[]} all @param {string | undefined} command @returns {CommandGroup[]} those in a command */
const groupsOf = (all, command) => all.filter(({ commands }) => commands.some((one) => one === command));

/** @param {string} clause */
const tag = (clause) => (clause === '' ? '' : ` [${clause}]`);

/** "Server-Capabilities, AVP 603 of vendor 10415" @param {{ name: string, code: number, vendorId: number }} group */
const groupTitle = ({ name, code, vendorId }) =>
  `${name}, AVP ${code}${vendorId === 0 ? '' : ` of vendor ${vendorId}`}`;

/** @param {Group} group @returns {Structure} */
const structureOfGroup = (group) => ({
  interfaceName: typeName(group.name),
  doc: `${groupTitle(group)}.`,
  rules: group.rules,
  memberGroups: [],
});

/** @param {CommandGroup} group @param {CommandGroup[]} all @returns {Structure} */
const structureOfCommandGroup = (group, all) => ({
  interfaceName: commandGroupType(group),
  doc: `${groupTitle(group)}, in ${group.commands.join(' and ')}.`,
  rules: group.rules,
  memberGroups: groupsOf(all, group.commands[0]),
});

/** @param {Command} command @param {CommandGroup[]} all @returns {Structure} */
const structureOfCommand = (command, all) => ({
  interfaceName: typeName(command.name),
  doc: `${command.name} (${command.abbreviation})${command.error ? '' : `, command ${command.code}`}.${tag(command.clause)}`,
  rules: command.rules,
  memberGroups: groupsOf(all, command.error ? undefined : command.abbreviation),
});

/** The formats of Grouped AVPs that hold wherever nothing else is said. @param {Source} source */
const commonGroups = (source) => source.groups.filter(({ commands }) => commands.length === 0);

/** @param {Source} source @returns {Command[]} */
const allCommands = (source) =>
  source.errorAnswer === null ? source.commands : [...source.commands, source.errorAnswer];

/** @param {Source} source @returns {Structure[]} */
function structures(source) {
  const groups = commandGroups(source);
  return [
    ...commonGroups(source).map(structureOfGroup),
    ...groups.map((group) => structureOfCommandGroup(group, groups)),
    ...allCommands(source).map((command) => structureOfCommand(command, groups)),
  ];
}

module.exports = {
  allCommands,
  commonGroups,
  structureOfCommand,
  structureOfCommandGroup,
  structureOfGroup,
  structures,
  tag,
};
