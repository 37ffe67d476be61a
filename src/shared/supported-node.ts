/**
 * Imported first by main.ts: ends the process where Node is too old. Only what any Node understands may come before
 * it, so there is no "node:" in its one import.
 */
import { join } from 'path';

module.require(join(__dirname, '..', '..', 'bin', 'supported-node.js'));
