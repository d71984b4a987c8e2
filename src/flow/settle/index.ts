export { branchEnded, rejoin, turned } from './join.ts';
export { begun, cancel, end, ending, leave, returned } from './end.ts';
export { sendCancel, settle } from './settle.ts';
export { beginUndo, commandUndo, isUndoTimer, undoDue, undone } from './undo.ts';
