/** The AG-UI door: runs told to user interfaces in AG-UI's events. */
export { type AgUiDoor, createAgUiDoor } from './door.ts';
