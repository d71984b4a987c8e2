export { branchEnded, rejoin, turned } from './join.ts';
export { begun, cancel, end, ending, leave, returned } from './end.ts';
export { settle } from './settle.ts';
export { beginUndo, isUndoTimer, undoAgain, undoDue, undone } from './undo.ts';
