/** Types of requirements-page.js for its test. */
import type { Requirement, ShallCounts } from './clause-requirements';

export function requirementLines(all: readonly Requirement[], counts: ShallCounts): string[];
