/** A rule made ready for the CEL engine. */
export interface Source {
  /** As long as what was written, so that the positions of errors hold. */
  readonly text: string;
  readonly usesOldSelf: boolean;
}

/**
 * Calls that the engine's own library answers otherwise than Kubernetes does, and the names of ours, of the same length: its `has` knows
 * no index on the way, its `matches` can be made to run for ever.
 */
const ours: Readonly<Record<string, string>> = { has: 'h_s', matches: 'm_tches', lowerAscii: 'lower_scii', upperAscii: 'upper_scii' };

const token =
  /\/\/[^\n]*|[bB]?[rR][bB]?(?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*')|[bB]?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|[A-Za-z_][A-Za-z0-9_]*|\s+|[^]/g;

/** Reads a rule's tokens: what stands in strings and comments is left alone. */
export function prepare(rule: string): Source {
  const tokens = rule.match(token) ?? [];
  let usesOldSelf = false;
  let before = '';
  const text = tokens.map((piece, i) => {
    if (/^\s/.test(piece) || piece.startsWith('//')) return piece;
    const member = before === '.';
    before = piece;
    if (piece === 'oldSelf' && !member) usesOldSelf = true;
    const renamed = Object.hasOwn(ours, piece) ? ours[piece] : undefined;
    return renamed !== undefined && !(piece === 'has' && member) && isCall(tokens, i + 1) ? renamed : piece;
  });
  return { text: text.join(''), usesOldSelf };
}

function isCall(tokens: readonly string[], from: number): boolean {
  for (let i = from; i < tokens.length; i++) {
    const piece = tokens[i] ?? '';
    if (!/^\s/.test(piece) && !piece.startsWith('//')) return piece === '(';
  }
  return false;
}

/** The engine's words with the names as they were written. */
export function restoreNames(text: string): string {
  return Object.entries(ours).reduce((words, [written, name]) => words.replaceAll(name, written), text);
}
