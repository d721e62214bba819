/** Chance, seeded: one seed gives one sequence, on every machine. Not for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A uniform whole number in [0, below). */
  integer(below: number): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** splitmix32 seeding sfc32 (both public domain): small, fast, and equal everywhere since it uses 32-bit integers only. */
export function seededRandom(seed: number): Random {
  let mix = seed | 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let a = split();
  let b = split();
  let c = split();
  let counter = 1;
  const word = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) word();
  return {
    next: () => word() / 0x1_0000_0000,
    integer: (below) => Math.floor((word() / 0x1_0000_0000) * below),
    uuid: () => uuidFrom([word(), word(), word(), word()]),
  };
}

function uuidFrom(words: readonly number[]): string {
  const hex = words.map((w) => w.toString(16).padStart(8, '0')).join('');
  const variant = (8 + (parseInt(hex.charAt(16), 16) & 3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
