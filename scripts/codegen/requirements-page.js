'use strict';
/**
 * The part of docs/clauses.md that lists every "shall": for each clause a table of what it says in our words,
 * whom it binds, code and tests.
 */

const { PARTIES } = require('./clause-requirements.js');

const link = (file) => `[${file.split('/').at(-1)}](../${file})`;
const cell = (text) => text.replaceAll('|', '\\|');

function proof({ binds, tests, reason, isOpen }) {
  const parts = tests.map(({ file, titles }) => `${link(file)}: ${cell(titles.join(' › '))}`);
  const why = reason ?? (tests.length === 0 ? PARTIES.get(binds) : undefined);
  if (why !== undefined) parts.push(isOpen ? `**open**: ${cell(why)}` : cell(why));
  return parts.join('<br>');
}

const row = (entry) =>
  `| r${entry.number} | ${entry.binds} | ${cell(entry.says)} | ${entry.code.map(link).join('<br>') || '–'} | ${proof(entry)} |`;

const byClause = (left, right) => left.localeCompare(right, 'en', { numeric: true });

/** @returns {string[]} lines */
function requirementLines(all, counts) {
  const open = all.filter((entry) => entry.isOpen);
  const ours = all.filter(({ binds }) => binds === 'hss' || binds === 'slf');
  const lines = [
    '',
    '## Every "shall"',
    '',
    `${all.length} requirements, numbered within their clause in the order of the text, in our words; ${ours.length} of them bind the HSS or the SLF, ` +
      `${open.length} ${open.length === 1 ? 'is' : 'are'} open. They are kept in \`scripts/codegen/requirements/\`; \`npm run clauses -- --check\` fails where a clause, a number, a file or a test is missing.`,
  ];
  if (open.length > 0)
    lines.push('', 'Open:', '', ...open.map((entry) => `- ${entry.id}: ${entry.reason ?? ''}`));
  for (const [standard, clauses] of Object.entries(counts)) {
    const none = Object.keys(clauses)
      .filter((clause) => clauses[clause] === 0)
      .sort(byClause);
    for (const clause of Object.keys(clauses)
      .filter((name) => clauses[name] > 0)
      .sort(byClause)) {
      const entries = all
        .filter((entry) => entry.standard === standard && entry.clause === clause)
        .sort((a, b) => a.number - b.number);
      lines.push(
        '',
        `### TS ${standard}, ${/^[A-Z]/.test(clause) ? 'Annex' : 'clause'} ${clause}`,
        '',
        '| | Binds | Requirement | Code | Tests |',
        '|---|---|---|---|---|',
        ...entries.map(row),
      );
    }
    if (none.length > 0) lines.push('', `Without a "shall" in TS ${standard}: ${none.join(', ')}.`);
  }
  return lines;
}

module.exports = { requirementLines };
