export { createHttpDoor, type HttpDoor, type HttpDoorOptions, type Mount } from './http.ts';
export { openApi } from './openapi.ts';
