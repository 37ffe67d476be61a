/**
 * The ring with real peers: Debian's Kamailio, SIPp and tshark (scripts/install-test-packages.sh). One lab,
 * in band.
 */
const base = require('../../jest.config.js');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/ims'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 120000,
};
