/** The rings of tests: `npm test` runs everything below test/ but the suites that need real peers. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/ims/',
    '<rootDir>/test/sctp/',
    '<rootDir>/test/docker/',
    '<rootDir>/test/resilience/',
  ],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFilesAfterEnv: ['<rootDir>/test/schema/produced-user-data.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Most suites wait for sockets and the database more than they compute.
  maxWorkers: '100%',
  testTimeout: 30000,
};
