/** The HTTP door of a site, to be opened in a program of one's own. */
export {
  createToken,
  type GivenToken,
  type GuardEnv,
  type Limits,
  type Listening,
  openTokenFile,
  type TokenFile,
  type TokenSource,
} from '../guard/index.ts';
export { createHttpDoor, type HttpDoor, type HttpDoorOptions, type Mount } from './http.ts';
export { openApi } from './openapi.ts';
