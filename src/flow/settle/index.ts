export { branchEnded, turned } from './join.ts';
export { begun, cancel, end, ending, leave, returned, undone } from './end.ts';
export { sendCancel, settle } from './settle.ts';
