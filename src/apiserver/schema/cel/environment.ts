import { Environment } from '@marcbachmann/cel-js';
import { patternCache } from '../regex.ts';
import { addFormats } from './library-formats.ts';
import { addLists } from './library-lists.ts';
import { addMacros } from './library-macros.ts';
import { addAddresses, addUrls } from './library-net.ts';
import { addQuantities } from './library-quantity.ts';
import { addStrings } from './library-strings.ts';

/** A CEL environment with the libraries that Kubernetes gives to rules, and no variables. */
export function kubernetesEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: true });
  addMacros(environment);
  addStrings(environment, patternCache());
  addLists(environment);
  addQuantities(environment);
  addAddresses(environment);
  addUrls(environment);
  addFormats(environment);
  return environment;
}
