/**
 * Ends the process with one line where Node is too old to read the rest. Plain JavaScript of 2009 on purpose: any Node
 * has to understand this file. package.json ("engines") names the same version.
 */
var oldestMajor = 20;

if (parseInt(process.versions.node, 10) < oldestMajor) {
  process.stderr.write(
    'hss: Node ' +
      oldestMajor +
      ' or newer is needed, this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ')\n',
  );
  // sysexits.h EX_CONFIG
  process.exit(78);
}
