'use strict';
/**
 * How AVPs, commands and their values are called in TypeScript: the head of src/diameter/codec/types.ts.
 *
 * @typedef {import('./parse').Avp} Avp
 * @typedef {import('./parse').Rule} Rule
 * @typedef {import('./command-groups').CommandGroup} CommandGroup
 * @typedef {Map<string, Avp>} AvpsByName
 */

const VALUE_TYPES = {
  OctetString: 'Buffer',
  Integer32: 'number',
  Integer64: 'bigint',
  Unsigned32: 'number',
  Unsigned64: 'bigint',
  Float32: 'number',
  Float64: 'number',
  Address: 'string',
  Time: 'Date',
  UTF8String: 'string',
  DiameterIdentity: 'string',
  DiameterURI: 'string',
  IPFilterRule: 'string',
  Enumerated: '',
  Grouped: '',
};
/** Unsigned32 AVPs whose values are branded so that the two families of result codes cannot be swapped. */
const BRANDED = new Map([
  ['Result-Code', 'ResultCode'],
  ['Experimental-Result-Code', 'ExperimentalResultCode'],
]);

/** @param {string} name "Public-Identity" -> "publicIdentity"; "5QI" -> "avp5qi": a property begins with a letter */
function propertyName(name) {
  const property = name
    .split('-')
    .map((part, index) =>
      index === 0 ? part.toLowerCase() : part.charAt(0).toUpperCase() + part.slice(1).toLowerCase(),
    )
    .join('');
  return /^\d/.test(property) ? `avp${property}` : property;
}

/** @param {string} name "SIP-Auth-Data-Item" -> "SipAuthDataItem" */
function typeName(name) {
  const property = propertyName(name);
  return property.charAt(0).toUpperCase() + property.slice(1);
}

/** @param {string} name an enumeration value's name as a property name */
const keyName = (name) => name.replace(/-/g, '_');

/** "SubscriptionDataInUlaAndIdr" @param {CommandGroup} group */
const commandGroupType = ({ name, commands }) => `${typeName(name)}In${commands.map(typeName).join('And')}`;

/** @param {Avp} avp @param {CommandGroup[]} memberGroups */
function elementType(avp, memberGroups) {
  const other = memberGroups.find(({ name }) => name === avp.name);
  if (other !== undefined) return commandGroupType(other);
  if (avp.type === 'Grouped' || avp.type === 'Enumerated') return typeName(avp.name);
  return BRANDED.get(avp.name) ?? VALUE_TYPES[/** @type {keyof typeof VALUE_TYPES} */ (avp.type)];
}

/** @param {Rule} rule */
const isArray = (rule) => rule.max !== 1;
/** @param {Rule} rule */
const isOptional = (rule) => rule.min === 0 || rule.absenceTolerated;

/** @param {Rule} rule @param {AvpsByName} avps @param {CommandGroup[]} memberGroups */
function memberType(rule, avps, memberGroups) {
  if (rule.avp === 'AVP') return 'readonly RawAvp[]';
  const avp = avps.get(rule.avp);
  if (avp === undefined) throw new Error(`unchecked AVP ${rule.avp}`);
  const element = elementType(avp, memberGroups);
  return isArray(rule) ? `readonly ${element}[]` : element;
}

/** @param {Rule} rule */
const memberName = (rule) => (rule.avp === 'AVP' ? 'additionalAvps' : propertyName(rule.avp));

module.exports = {
  BRANDED,
  commandGroupType,
  elementType,
  isOptional,
  keyName,
  memberName,
  memberType,
  propertyName,
  typeName,
};
