/** The version of all our programs, as package.json says it. */
export const programVersion = '0.1.0';
