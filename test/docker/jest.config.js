/** The image and the compose lab, as far as a machine without an engine can check them. Needs the package registry or npm's cache. */
const { globalSetup: _setup, globalTeardown: _teardown, ...base } = require('../../jest.config.js');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/docker'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
