/** The version of all our programs. */
export const version = '0.1.0';
