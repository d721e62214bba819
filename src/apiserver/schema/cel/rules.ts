import type { SchemaNode } from '../structural.ts';
import { compileRules, type Program } from './compile.ts';
import { kubernetesEnvironment } from './environment.ts';
import { normalizeFieldPath } from './field-path.ts';
import { typeDeclarer, type CelType } from './types.ts';
import type { Convert } from './values.ts';

/** The compiled rules of one schema node and of those below it. */
export interface RuleNode {
  readonly node: SchemaNode;
  readonly programs: readonly PlacedProgram[];
  /** Makes `self` and `oldSelf`; undefined where there are no programs. */
  readonly convert: Convert | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
  /** Values that hold all rules from here on when nothing of them changes. Nothing changes in place, so they need not be asked again. */
  readonly settled: WeakSet<object>;
}

export interface PlacedProgram extends Program {
  /** The rule's `fieldPath` as causes have it; empty when there is none, or none that is valid. */
  readonly fieldPath: string;
}

type TypeOf = (node: SchemaNode) => CelType | undefined;

/**
 * Compiles all rules below `root`; undefined when there are none. Takes milliseconds. Rules that do not compile are among the programs,
 * with their error.
 */
export function compileRuleTree(root: SchemaNode): RuleNode | undefined {
  if (!root.below.rules) return undefined;
  const environment = kubernetesEnvironment();
  const declare = typeDeclarer(environment);
  const typeOf: TypeOf = (node) => {
    const type = declare(node);
    return type?.notNull ?? type;
  };
  // The engine takes no new types once a rule has been compiled.
  declareAll(root, typeOf);
  const programsOf = (node: SchemaNode): PlacedProgram[] => {
    const type = node.rules.length === 0 ? undefined : typeOf(node);
    const programs = type === undefined ? [] : compileRules(node.rules, type, environment);
    return programs.map((program) => ({ ...program, fieldPath: fieldPathOf(program, node) }));
  };
  return compileNode(root, programsOf, typeOf);
}

function declareAll(node: SchemaNode, typeOf: TypeOf): void {
  if (!node.below.rules) return;
  if (node.rules.length > 0) typeOf(node);
  for (const child of childrenOf(node)) declareAll(child, typeOf);
}

function childrenOf(node: SchemaNode): SchemaNode[] {
  const additional = typeof node.additional === 'object' ? [node.additional] : [];
  return [...node.properties.values(), ...additional, ...(node.items === undefined ? [] : [node.items])];
}

function compileNode(node: SchemaNode, programsOf: (node: SchemaNode) => PlacedProgram[], typeOf: TypeOf): RuleNode {
  const below = (child: SchemaNode | undefined): RuleNode | undefined =>
    child?.below.rules === true ? compileNode(child, programsOf, typeOf) : undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, child] of node.properties) {
    const compiled = below(child);
    if (compiled !== undefined) properties.set(name, compiled);
  }
  return {
    node,
    programs: programsOf(node),
    convert: node.rules.length === 0 ? undefined : typeOf(node)?.convert,
    properties,
    additional: typeof node.additional === 'object' ? below(node.additional) : undefined,
    items: below(node.items),
    settled: new WeakSet(),
  };
}

function fieldPathOf(program: Program, node: SchemaNode): string {
  try {
    return normalizeFieldPath(program.rule.fieldPath ?? '', node);
  } catch {
    return '';
  }
}
