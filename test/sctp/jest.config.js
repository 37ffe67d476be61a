/**
 * Kernel SCTP with real peers (scripts/install-test-packages.sh), on a kernel that has it: run by
 * scripts/test-sctp.js.
 */
const base = { ...require('../../jest.config.js') };
// No database: what is served comes from memory or brings its own.
delete base.globalSetup;
delete base.globalTeardown;

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/sctp'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 120000,
};
