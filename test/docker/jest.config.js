/**
 * The image and the compose lab, as far as a machine without an engine can check them. Needs the package
 * registry or npm's cache.
 */
const base = { ...require('../../jest.config.js') };
// The databases that the other tests share are not asked for here.
delete base.globalSetup;
delete base.globalTeardown;

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/docker'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
