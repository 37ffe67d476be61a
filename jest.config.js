/**
 * The rings of tests, one project each. `npm test` runs the unit ring, which needs nothing installed; the others
 * need real peers or the machine for themselves (scripts/ci/install-test-packages.sh installs the peers).
 */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs', ignoreDynamic: true },
      sourceMaps: 'inline',
    },
  ],
};

/**
 * A global of a test's vm is found through an interceptor, each time; these are handed to each module instead. None
 * that fake timers or a test replace: those must be looked up.
 */
const sandboxInjectedGlobals = [
  'Array',
  'BigInt',
  'Buffer',
  'Error',
  'Infinity',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Set',
  'String',
];

/** Folders of test/ that are rings of their own. */
const peerRings = ['docker', 'epc', 'ims', 'resilience', 'sctp'];

const ring = (displayName, options) => ({
  displayName,
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  transform,
  sandboxInjectedGlobals,
  setupFilesAfterEnv: ['<rootDir>/test/schema/produced-user-data.ts'],
  roots: [`<rootDir>/test/${displayName}`],
  ...options,
});

/** An embedded PostgreSQL that the tests of the ring share. */
const sharedDatabase = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

module.exports = {
  // Of all rings: jest takes no limit of a project. The rings with real peers ask for more (package.json).
  testTimeout: 30_000,
  projects: [
    ring('unit', {
      roots: ['<rootDir>/test'],
      testPathIgnorePatterns: ['/node_modules/', ...peerRings.map((name) => `<rootDir>/test/${name}/`)],
      ...sharedDatabase,
    }),
    // The image and the compose lab, as far as a machine without an engine can check them.
    ring('docker', {}),
    // Erlang/OTP's diameter as MMEs and SGSNs, and tshark.
    ring('epc', sharedDatabase),
    // Debian's Kamailio, SIPp and tshark. One lab, in band.
    ring('ims', sharedDatabase),
    // Three times the load that the HSS carries, a primary killed under load: short forms.
    ring('resilience', sharedDatabase),
    // Kernel SCTP with real peers, on a kernel that has it: run by scripts/ci/test-sctp.js.
    ring('sctp', {}),
  ],
};
