/**
 * The paths of fields that a JSON text has more than once, each as often as it is repeated, such as `spec.disks[1].name`.
 * A text that is not JSON gives what was found before it went wrong.
 */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  const open: Frame[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push({ keys: new Set(), key: '', index: 0, awaitsKey: true });
        break;
      case 0x5b: // [
        open.push({ keys: undefined, key: '', index: 0, awaitsKey: false });
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
      case 0x2c: // ,
        advance(open.at(-1));
        break;
      case 0x22: {
        const end = endOfString(text, at);
        if (end < 0) return found;
        noteKey(text.slice(at, end + 1), open, found);
        at = end;
      }
    }
  }
  return found;
}

/** An object or array that is open where the scan is. `keys` is absent for arrays. */
interface Frame {
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
  awaitsKey: boolean;
}

function advance(frame: Frame | undefined): void {
  if (frame === undefined) return;
  if (frame.keys === undefined) frame.index += 1;
  else frame.awaitsKey = true;
}

function endOfString(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (end >= 0 && isEscaped(text, end));
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes += 1;
  return slashes % 2 === 1;
}

function noteKey(literal: string, open: readonly Frame[], found: string[]): void {
  const frame = open.at(-1);
  if (frame?.keys === undefined || !frame.awaitsKey) return;
  frame.awaitsKey = false;
  frame.key = literal.includes('\\') ? unescape(literal) : literal.slice(1, -1);
  if (frame.keys.has(frame.key)) found.push(pathOf(open));
  frame.keys.add(frame.key);
}

function unescape(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal.slice(1, -1);
  }
}

function pathOf(open: readonly Frame[]): string {
  let path = '';
  for (const frame of open) path += frame.keys === undefined ? `[${String(frame.index)}]` : path === '' ? frame.key : `.${frame.key}`;
  return path;
}
