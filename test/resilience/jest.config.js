/**
 * What needs the machine for itself: three times the load that the HSS carries, a primary killed under load.
 * Short forms; `npm run soak` and `npm run test:failover` are the full ones.
 */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/resilience'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
